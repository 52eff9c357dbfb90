from __future__ import annotations

import pytest
import torch

from repcat import Grid, PartError
from repcat_plugins.backbones.attention_unet import attention_unet


def grids(size: int) -> tuple[Grid, Grid]:
    return Grid(2, (size,) * 3), Grid(1, (size,) * 3)


def test_at_the_papers_size_it_has_as_many_weights_as_its_page_says() -> None:
    with torch.device("meta"):
        network = attention_unet(*grids(64))
    assert sum(p.numel() for p in network.parameters()) == 5_909_545


@pytest.mark.parametrize("size", [16, 40])
def test_sizes_that_cannot_train_are_refused(size: int) -> None:
    with pytest.raises(PartError, match="multiples of 16, from 32 up"):
        attention_unet(*grids(size))


def test_a_point_in_latent_space_is_refused_in_one_line() -> None:
    with pytest.raises(PartError, match="code: sizes-do-not-meet") as error:
        attention_unet(Grid(512, ()), Grid(1, (64, 64, 64)))
    assert "\n" not in str(error.value)


def test_a_level_too_thin_to_halve_its_channels_is_refused() -> None:
    with pytest.raises(PartError, match="takes 2 channels or more"):
        attention_unet(*grids(32), channels=(1, 4))


def test_dropout_changes_training_alone() -> None:
    network, x = attention_unet(*grids(8), channels=(4, 8), dropout=0.5), torch.rand(1, 2, 8, 8, 8)
    assert not network.train()(x).equal(network(x))
    assert network.eval()(x).equal(network(x))
