from __future__ import annotations

import pytest
import torch
from torch import Tensor

from repcat import Grid, PartError
from repcat_plugins.backbones.autoencoder import autoencoder

POINT, COARSE, IMAGES = Grid(8, ()), Grid(8, (2, 2, 2)), Grid(2, (16, 16))
VOLUME = Grid(1, (32, 32, 32))
SMALL = {"latent": 6, "width": 2, "widest": 4}


@pytest.mark.parametrize(
    ("source", "weights"),
    [
        (Grid(512, ()), 15_616_801),
        (Grid(512, (2, 2, 2)), 11_537_953),
        (Grid(2, (64, 64)), 18_141_921),
    ],
)
def test_at_the_papers_size_it_has_as_many_weights_as_its_page_says(
    source: Grid, weights: int
) -> None:
    with torch.device("meta"):
        network = autoencoder(source, Grid(1, (64, 64, 64)))
    assert sum(p.numel() for p in network.parameters()) == weights


@pytest.mark.parametrize("source", [POINT, COARSE, IMAGES])
@pytest.mark.parametrize("norm", ["batch", "instance"])
def test_it_decodes_a_point_a_coarse_grid_and_images_and_all_of_it_trains(
    source: Grid, norm: str
) -> None:
    network = autoencoder(source, VOLUME, norm=norm, **SMALL)
    volume = network(torch.rand(2, source.channels, *source.size))
    assert volume.shape == (2, 1, 32, 32, 32)
    volume.square().mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())


def latent_of(source: Grid, l2_norm: bool) -> Tensor:
    network = autoencoder(source, VOLUME, l2_norm=l2_norm, **SMALL)
    seen: list[Tensor] = []
    network.spread.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    network(torch.rand(2, source.channels, *source.size))
    return seen[0]


@pytest.mark.parametrize("source", [POINT, COARSE, IMAGES])
def test_its_latent_has_norm_one_if_asked(source: Grid) -> None:
    latent = latent_of(source, l2_norm=True)
    assert latent.shape[1] == 6
    torch.testing.assert_close(latent.norm(dim=1), torch.ones_like(latent[:, 0]))
    assert (latent_of(source, l2_norm=False).norm(dim=1) - 1).abs().max() > 0.01


def test_every_voxel_depends_on_every_number_of_a_point() -> None:
    network = autoencoder(POINT, VOLUME, **SMALL).eval()
    before, after = network(torch.zeros(1, 8)), network(torch.eye(8))
    assert (before != after).float().mean() > 0.9


@pytest.mark.parametrize(
    ("source", "side"), [((3, 3, 3), 32), ((1, 1, 1), 40), ((2, 4, 4), 48), ((), 56), ((), 8)]
)
def test_grids_that_do_not_double_to_the_volume_are_resampled_first(
    source: tuple[int, ...], side: int
) -> None:
    network = autoencoder(Grid(3, source), Grid(1, (side,) * 3), **SMALL)
    assert network(torch.rand(2, 3, *source)).shape == (2, 1, side, side, side)


@pytest.mark.parametrize(
    ("source", "side"), [((32, 32, 32), 32), ((64, 64, 64), 32), ((), 36), ((16, 16), 33)]
)
def test_what_cannot_be_doubled_is_refused(source: tuple[int, ...], side: int) -> None:
    with pytest.raises(PartError, match=r"cannot go from 2 channels of .* by doubling"):
        autoencoder(Grid(2, source), Grid(1, (side,) * 3))
