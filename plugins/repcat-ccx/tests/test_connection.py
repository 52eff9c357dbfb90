"""Depth-aware connection."""

import pytest
import torch
from torch.nn import functional as F

from repcat_ccx.connection import DepthAware
from repcat_x2ct.planes import FRONTAL, LATERAL, repeated


@pytest.mark.parametrize("ray", [FRONTAL, LATERAL])
def test_it_is_the_repeated_map_times_a_sigmoid_of_its_3d_convolution(ray):
    torch.manual_seed(0)
    link, x = DepthAware(3, 2, ray).double(), torch.rand(1, 3, 6, 6, dtype=torch.float64)
    e, convolution = repeated(link.reduce(x), ray), link.attend[0]
    mask = torch.sigmoid(F.conv3d(e, convolution.weight, convolution.bias, padding=1))
    torch.testing.assert_close(link(x), e * mask, rtol=0, atol=1e-14)


def test_its_mask_varies_along_the_ray_at_the_two_ends_only():
    torch.manual_seed(0)
    link = DepthAware(3, 2, FRONTAL)
    mask = link.attend(link.reduce(torch.rand(1, 3, 6, 6)))
    assert all(torch.equal(mask[:, :, :, 1], mask[:, :, :, k]) for k in range(2, 5))
    assert not torch.equal(mask[:, :, :, 0], mask[:, :, :, 1])
    assert not torch.equal(mask[:, :, :, 5], mask[:, :, :, 1])
