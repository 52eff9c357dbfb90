from __future__ import annotations

import pytest
import torch

from repcat import Grid, PartError
from repcat_plugins.backbones.segresnet import segresnet


def grids(size: int) -> tuple[Grid, Grid]:
    return Grid(2, (size,) * 3), Grid(1, (size,) * 3)


def test_at_the_papers_size_it_has_as_many_weights_as_its_page_says() -> None:
    with torch.device("meta"):
        network = segresnet(*grids(64))
    assert sum(p.numel() for p in network.parameters()) == 18_796_833


@pytest.mark.parametrize("size", [4, 12])
def test_sizes_that_cannot_train_are_refused(size: int) -> None:
    with pytest.raises(PartError, match="multiples of 8, from 8 up"):
        segresnet(*grids(size))


def test_a_point_in_latent_space_is_refused_in_one_line() -> None:
    with pytest.raises(PartError, match="code: sizes-do-not-meet") as error:
        segresnet(Grid(512, ()), Grid(1, (64, 64, 64)))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("upsample", ["nontrainable", "deconv", "pixelshuffle"])
def test_however_it_doubles_it_trains(upsample: str) -> None:
    network = segresnet(*grids(8), width=4, blocks=(1, 1), groups=2, upsample=upsample, dropout=0.1)
    network(torch.rand(1, 2, 8, 8, 8)).square().mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())


@pytest.mark.parametrize("options", [{"width": 12}, {"blocks": (1, 0)}])
def test_groups_must_divide_the_width_and_every_level_has_a_block(options: dict) -> None:
    with pytest.raises(PartError, match="multiple of its 8 groups"):
        segresnet(*grids(32), **options)
