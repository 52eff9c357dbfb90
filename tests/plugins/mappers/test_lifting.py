from __future__ import annotations

import dataclasses
import math

import pytest
import torch

from repcat import View
from repcat_plugins.mappers.harmonics import harmonics
from repcat_plugins.mappers.lifting import (
    Lifting,
    coarser,
    depths,
    hats,
    in_sight,
    log_number,
)
from repcat_plugins.mappers.rays import Rays

WHO = "a test"


def plain(task, features: int = 2) -> Lifting:
    """Return a lifting that hands on the features as they are: mean, then maximum."""
    lifting = Lifting(task, (features, features, 2 * features), WHO)
    with torch.no_grad():
        lifting.before.weight.copy_(torch.eye(features)[..., None, None])
        lifting.before.bias.zero_()
        lifting.depth.zero_()
        lifting.after.weight.copy_(torch.eye(2 * features)[..., None, None, None])
    return lifting


def test_features_that_are_not_negative_are_pooled_along_the_rays(task_of) -> None:
    task = task_of([0.0, 33.0, 90.0, 200.0])
    maps = torch.rand(2, 4, 3, 12, 20)
    seen = Rays(task, WHO)(maps, task.views)
    mean, largest = plain(task, 3)(maps, task.views).chunk(2, dim=1)
    middle = (..., slice(4, 12), slice(4, 12), slice(4, 12))  # what every view sees
    assert mean.sub(seen.mean(dim=1))[middle].abs().max() < 1e-6
    assert largest.sub(seen.amax(dim=1))[middle].abs().max() < 1e-6


def test_a_view_that_comes_twice_changes_neither_mean_nor_maximum(task_of) -> None:
    task, lifting = task_of([0.0, 90.0]), plain(task_of([0.0, 90.0]))
    maps, views = torch.randn(1, 2, 2, 8, 8), task.views
    twice = lifting(maps[:, [0, 1, 0, 1]], (*views, *views))
    assert twice.sub(lifting(maps, views)).abs().max() < 1e-6


def test_a_voxel_that_the_detector_does_not_see_is_left_out_of_the_mean(task_of) -> None:
    """A detector of half the width sees the axis, not the cube's corners."""
    task = task_of([0.0, 90.0], size=8)
    small = dataclasses.replace(task.geometry, pixel_mm=(task.geometry.pixel_mm[0] / 2,) * 2)
    task = dataclasses.replace(task, geometry=small)
    lifting = plain(task, 1)
    mean = lifting(torch.ones(1, 2, 1, 8, 8), task.views)[0, 0]
    masks = [in_sight(Rays(task, WHO).grid(view)).reshape(8, 8, 8) for view in task.views]
    seen = torch.stack(masks).sum(dim=0)
    assert {0, 1, 2} <= set(seen.unique().tolist())
    fade = 1 / 8  # grid_sample fades over the outermost half pixel
    assert (mean[seen == 0] == 0).all()
    assert (mean[seen > 0] >= fade).all() and mean.max() == 1


def test_depth_tells_the_voxels_of_a_ray_apart(task_of) -> None:
    task = task_of([0.0])
    lifting = Lifting(task, (1, 4, 4), WHO)
    lifted = lifting(torch.zeros(1, 1, 1, 8, 8), task.views)[0]
    assert lifted[:, 8, :, 8].std(dim=1).max() > 1e-3


@pytest.mark.parametrize("azimuth", [0.0, 90.0, 123.0])
def test_depth_grows_towards_the_source_and_stays_within_one(task_of, azimuth: float) -> None:
    geometry, view = task_of().geometry, View(azimuth)
    found = depths(geometry, view)
    points = geometry.voxel_centres()
    far = (points - geometry.source_mm(view)).norm(dim=-1)
    assert torch.corrcoef(torch.stack((found.flatten(), far.flatten().float())))[0, 1] < -0.98
    assert found.abs().max() <= 1


def test_hats_are_linear_interpolation_between_knots() -> None:
    values, polygon = torch.linspace(-1, 1, 33), torch.tensor([3.0, -1.0, 2.0])
    found = polygon @ hats(values, 3)
    assert found.sub(torch.where(values < 0, -1 - 4 * values, -1 + 3 * values)).abs().max() < 1e-6


def test_the_number_of_views_is_told_as_its_logarithm() -> None:
    found = [log_number([View(0.0)] * n) for n in (1, 2, 8)]
    assert found == pytest.approx([0.0, math.log(2) / math.log(8), 1.0])


def test_a_coarser_task_has_the_same_scene(task_of) -> None:
    task = task_of([View(10.0, mirrored=True)])
    small = coarser(task, 4)
    assert small.geometry.volume_mm == pytest.approx(task.geometry.volume_mm)
    assert (small.volume.size, small.xray.size) == ((4, 4, 4), (4, 4))
    assert small.views == (View(10.0),)


def test_harmonics_tell_five_views_apart_whatever_their_order() -> None:
    views = [View(a) for a in (0.0, 45.0, 90.0, 135.0, 250.0)]
    table = torch.tensor([[1.0, *row] for row in harmonics(views, 2)])
    assert torch.linalg.matrix_rank(table) == 5
    values = torch.rand(5)
    assert torch.linalg.solve(table.T, table.T @ values).sub(values).abs().max() < 1e-4
