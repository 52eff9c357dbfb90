"""Connections A, B and C."""

import pytest
import torch
from torch.nn import functional as F

from repcat_x2ct.channel_plan import Plan
from repcat_x2ct.connections import Average, Latent, Link, RayConv
from repcat_x2ct.planes import FRONTAL, LATERAL, repeated


def weights(module):
    return sum(p.numel() for p in module.parameters())


def test_a_has_the_published_number_of_weights_and_shape():
    with torch.device("meta"):
        latent = Latent(Plan(128))
        assert latent(torch.zeros(1, 704, 4, 4)).shape == (1, 256, 4, 4, 4)
    assert weights(latent) == 11_550_720


def test_a_drops_half_of_its_numbers_in_training_and_none_after():
    latent, x = Latent(Plan(64)), torch.full((1, 704, 2, 2), 0.1)
    torch.manual_seed(0)
    torch.nn.init.zeros_(latent.spread[0].weight)
    torch.nn.init.ones_(latent.spread[0].bias)
    kept = latent(x)
    assert set(kept.unique().tolist()) == {0.0, 2.0}
    # 2048 draws: four deviations of the share are .044
    assert (kept == 0).float().mean().item() == pytest.approx(0.5, abs=0.044)
    assert (latent.eval()(x) == 1).all()


@pytest.mark.parametrize("ray", [FRONTAL, LATERAL])
@pytest.mark.parametrize("side", [2, 3, 6])
def test_a_convolution_along_the_ray_is_the_3d_one_of_the_repeated_map(ray, side):
    torch.manual_seed(0)
    fast, plane = RayConv(3, ray).double(), torch.rand(2, 3, side, side, dtype=torch.float64)
    slow = F.conv3d(repeated(plane, ray), fast.weight, fast.bias, padding=1)
    torch.testing.assert_close(fast(plane), slow, rtol=0, atol=1e-14)


@pytest.mark.parametrize("ray", [FRONTAL, LATERAL])
def test_b_lays_rows_along_z_and_columns_along_x_or_y(ray):
    link, pixel = Link(1, 1, ray), torch.zeros(1, 1, 8, 8)
    pixel[0, 0, 2, 5] = 1.0
    torch.nn.init.ones_(link.reduce[0].weight)
    torch.nn.init.zeros_(link.spread[0].weight)
    link.spread[0].weight.data[0, 0, 1, 1, 1] = 1.0
    volume = link(pixel)[0, 0]
    across = volume if ray == FRONTAL else volume.transpose(1, 2)
    found = across.mean(dim=1)
    assert divmod(int(found.argmax()), 8) == (2, 5)
    assert torch.equal(across[:, 0], across[:, 7])


def test_c_is_the_mean_whichever_view_comes_first():
    one, other = torch.rand(1, 2, 3, 3, 3), torch.rand(1, 2, 3, 3, 3)
    assert torch.equal(Average()(one, other), Average()(other, one))
    assert torch.equal(Average()(one, one), one)
