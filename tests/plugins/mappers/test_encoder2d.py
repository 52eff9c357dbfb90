from __future__ import annotations

import pytest
import torch

from repcat import Grid, PartError, seeded
from repcat_plugins.backbones.unet import unet
from repcat_plugins.mappers.encoder2d import Encoder2D


def mapper_of(task, **options):
    with seeded("encoder2d"):
        return Encoder2D(task, **{"name": "test_resnet", **options}).eval()


@pytest.mark.parametrize("count", [1, 2, 5, 8])
@pytest.mark.parametrize("grid", ["point", "coarse", "reshape"])
@pytest.mark.parametrize("fuse", ["sum", "concat"])
def test_it_gives_the_grid_it_states(task_of, batch_of, grid: str, fuse: str, count: int) -> None:
    task = task_of([41.0 * k for k in range(count)], size=64)
    mapper = mapper_of(task, grid=grid, fuse=fuse)
    channels = {"point": 96, "coarse": 96, "reshape": 48}[grid] * (count if fuse == "concat" else 1)
    assert mapper.out == Grid(channels, () if grid == "point" else (2, 2, 2))
    assert mapper(batch_of(task)).shape == (2, channels, *mapper.out.size)


def test_views_are_fused_by_sum_by_mean_and_by_standing_side_by_side(task_of, batch_of) -> None:
    task = task_of([0.0, 90.0], size=64)
    batch = batch_of(task)
    one, two = (
        mapper_of(task_of([v.azimuth], size=64))(batch_of(task_of([0.0], size=64), images))
        for v, images in zip(task.views, batch.xrays.split(1, dim=1), strict=True)
    )
    for fuse, expected in {
        "sum": one + two,
        "mean": (one + two) / 2,
        "concat": torch.cat((one, two), dim=1),
    }.items():
        assert mapper_of(task, fuse=fuse)(batch).sub(expected).abs().max() < 1e-5


def test_a_coarse_grid_is_constant_along_a_single_views_rays(task_of, batch_of) -> None:
    task = task_of([90.0], size=64)
    volume = mapper_of(task, grid="coarse", level=1)(batch_of(task))
    assert volume.shape == (2, 32, 16, 16, 16)
    assert volume.std(dim=4).max() < 1e-6 < volume.std(dim=3).max()


def test_encoders_of_their_own_tell_views_apart(task_of, batch_of) -> None:
    task = task_of([0.0, 90.0], size=64)
    batch = batch_of(task)
    swapped = batch_of(task, batch.xrays.flip(1))
    same, own = mapper_of(task), mapper_of(task, shared=False)
    assert same(batch).sub(same(swapped)).abs().max() < 1e-5
    assert own(batch).sub(own(swapped)).abs().max() > 1e-3
    assert len(own.encoders) == 2


def test_the_default_takes_32_pixels(task_of, batch_of) -> None:
    task = task_of(size=32)
    assert Encoder2D(task)(batch_of(task)).shape == (2, 512)


def test_a_level_without_a_map_is_refused(task_of) -> None:
    with pytest.raises(PartError, match="code: wrong-options"):
        mapper_of(task_of(size=32), level=2)


def test_a_point_does_not_go_into_a_unet(task_of) -> None:
    task = task_of(size=32)
    with pytest.raises(PartError, match="the mapper gives 96 channels of a point"):
        unet(mapper_of(task).out, task.volume)
