from __future__ import annotations

import pytest
import torch

from repcat import Grid, PartError
from repcat_plugins.backbones.dynunet import dynunet


def grids(size: int) -> tuple[Grid, Grid]:
    return Grid(2, (size,) * 3), Grid(1, (size,) * 3)


def test_at_the_papers_size_it_has_as_many_weights_as_its_page_says() -> None:
    with torch.device("meta"):
        network = dynunet(*grids(64))
    assert sum(p.numel() for p in network.parameters()) == 16_544_481


@pytest.mark.parametrize("size", [16, 40])
def test_sizes_that_cannot_train_are_refused(size: int) -> None:
    with pytest.raises(PartError, match="multiples of 16, from 32 up"):
        dynunet(*grids(size))


def test_a_point_in_latent_space_is_refused_in_one_line() -> None:
    with pytest.raises(PartError, match="code: sizes-do-not-meet") as error:
        dynunet(Grid(512, ()), Grid(1, (64, 64, 64)))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("options", [{"res_block": True}, {"norm": "batch"}, {"dropout": 0.1}])
def test_its_options_change_what_is_built_and_all_of_it_trains(options: dict) -> None:
    plain = dynunet(*grids(16), channels=(4, 8, 16))
    network = dynunet(*grids(16), channels=(4, 8, 16), **options)
    assert str(network) != str(plain)
    network(torch.rand(1, 2, 16, 16, 16)).square().mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())
