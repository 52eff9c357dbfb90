from __future__ import annotations

import pytest
import torch

from repcat import Grid, PartError
from repcat_plugins.backbones.unetr import unetr


def grids(size: int) -> tuple[Grid, Grid]:
    return Grid(2, (size,) * 3), Grid(1, (size,) * 3)


def test_at_the_papers_size_it_has_as_many_weights_as_its_page_says() -> None:
    with torch.device("meta"):
        network = unetr(*grids(64))
    assert sum(p.numel() for p in network.parameters()) == 95_813_265


@pytest.mark.parametrize("size", [8, 24])
def test_sizes_that_cannot_train_are_refused(size: int) -> None:
    with pytest.raises(PartError, match="multiples of 16, from 16 up"):
        unetr(*grids(size))


def test_a_point_in_latent_space_is_refused_in_one_line() -> None:
    with pytest.raises(PartError, match="code: sizes-do-not-meet") as error:
        unetr(Grid(512, ()), Grid(1, (64, 64, 64)))
    assert "\n" not in str(error.value)


SMALL = {"feature_size": 4, "hidden_size": 12, "mlp_dim": 8, "num_heads": 2}


def test_one_patch_is_enough_to_train_every_weight() -> None:
    network = unetr(*grids(16), **SMALL)
    network(torch.rand(1, 2, 16, 16, 16)).square().mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())


def test_heads_must_divide_the_hidden_size() -> None:
    with pytest.raises(PartError, match="num_heads = 5 does not divide hidden_size = 12"):
        unetr(*grids(32), **(SMALL | {"num_heads": 5}))
