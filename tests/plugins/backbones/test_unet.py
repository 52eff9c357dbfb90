from __future__ import annotations

import pytest
import torch
from monai.networks.nets import UNet

from repcat import Grid, PartError
from repcat_plugins.backbones.unet import unet


def grids(size: int) -> tuple[Grid, Grid]:
    return Grid(2, (size,) * 3), Grid(1, (size,) * 3)


def test_it_goes_from_views_to_a_volume_and_back_to_every_weight() -> None:
    network = unet(*grids(32), channels=(4, 8, 16))
    network(torch.rand(1, 2, 32, 32, 32)).square().mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())


@pytest.mark.parametrize("size", [16, 24])
def test_sizes_that_cannot_train_are_refused(size: int) -> None:
    with pytest.raises(PartError, match="multiples of 16, from 32 up"):
        unet(*grids(size))


def test_strides_must_fit_the_levels() -> None:
    with pytest.raises(PartError, match="3 levels in channels and so needs 2 strides, not 1"):
        unet(*grids(32), channels=(4, 8, 16), strides=(2,))


@pytest.mark.parametrize("options", [{"strides": (2, 0)}, {"channels": (4, 0, 16)}])
def test_channels_and_strides_of_nothing_are_refused(options: dict) -> None:
    with pytest.raises(PartError, match="from 1 up"):
        unet(*grids(32), **({"channels": (4, 8, 16)} | options))


def test_strides_of_one_keep_a_small_volume() -> None:
    network = unet(*grids(8), channels=(4, 8), strides=(1,), norm="batch", act="relu", res_units=0)
    assert network(torch.rand(2, 2, 8, 8, 8)).shape == (2, 1, 8, 8, 8)


def test_a_sigmoid_keeps_the_volume_between_0_and_1() -> None:
    volume = unet(*grids(16), channels=(4, 8), output="sigmoid")(50 * torch.randn(1, 2, 16, 16, 16))
    assert 0 <= volume.min() <= volume.max() <= 1


@pytest.mark.parametrize("upsample", ["linear", "nearest"])
@pytest.mark.parametrize("strides", [(), (4,)])
def test_an_interpolating_way_up_has_no_transposed_convolution(upsample, strides: tuple) -> None:
    network = unet(*grids(16), channels=(4, 8), strides=strides, upsample=upsample)
    assert not any(isinstance(m, torch.nn.ConvTranspose3d) for m in network.modules())
    assert network(torch.rand(2, 2, 16, 16, 16)).shape == (2, 1, 16, 16, 16)


def test_the_default_way_up_and_its_weights_are_monais() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = unet(*grids(16), channels=(4, 8), res_units=1, norm="batch")
        torch.manual_seed(0)
        wanted = UNet(3, 2, 1, (4, 8), (2,), num_res_units=1, norm="BATCH", act="PRELU")
    found = network.state_dict()
    assert all(found[name].equal(value) for name, value in wanted.state_dict().items())


def test_on_a_bias_volume_it_starts_at_nothing() -> None:
    network = unet(*grids(16), channels=(4, 8), bias_volume=8)
    assert not network(torch.rand(1, 2, 16, 16, 16)).any()
