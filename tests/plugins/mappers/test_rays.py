from __future__ import annotations

import dataclasses

import pytest
import torch

from repcat import PartError, View
from repcat_plugins.mappers.rays import Rays
from repcat_plugins.mappers.repeat_concat import RepeatConcat
from repcat_plugins.projectors.march import march

MARKER = (5, 11, 3)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize(("size", "error"), [(16, 0.0), (32, 0.0), (9, 2e-5), (48, 2e-5)])
def test_parallel_rays_at_right_angles_give_what_transpose_gives(
    task_of, batch_of, size: int, error: float, mirrored: bool
) -> None:
    """Exactly where sides are powers of two; else places are rounded in their seventh digit."""
    views = [View(a, mirrored) for a in (0.0, 90.0, 180.0, 270.0)]
    task = task_of(views, size=size, beam="parallel")
    batch = batch_of(task)
    seen, laid = (RepeatConcat(task, align=a)(batch) for a in ("geometric", "transpose"))
    assert seen.sub(laid).abs().max() <= error


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("azimuth", [0.0, 33.0, 90.0, 135.0, 200.0, 270.0, 350.5])
def test_a_projected_marker_lands_on_the_marker(task_of, azimuth: float, mirrored: bool) -> None:
    """By the projector of cone beams, on pixels a quarter of a voxel wide."""
    task = task_of([View(azimuth, mirrored)], pixels=64)
    mu = torch.zeros(16, 16, 16)
    mu[MARKER] = 0.02
    image = march(step_mm=4.0)(mu, task.geometry, task.views)
    seen = Rays(task, "a test")(image[None])[0, 0]
    assert seen[MARKER] > 0.95 * image.max()


def test_eight_cone_beams_meet_in_the_marker(task_of) -> None:
    task = task_of([45.0 * k + 10 for k in range(8)], pixels=64)
    mu = torch.zeros(16, 16, 16)
    mu[MARKER] = 0.02
    together = Rays(task, "a test")(march(step_mm=4.0)(mu, task.geometry, task.views)[None])[0].sum(
        dim=0
    )
    assert tuple(int(i) for i in torch.unravel_index(together.argmax(), mu.shape)) == MARKER


def test_each_voxel_gets_its_pixel_by_the_definition(task_of) -> None:
    """A ramp along the columns says at which column a voxel is seen."""
    task = task_of([120.0], size=8, pixels=32)
    ramp = torch.arange(32.0).expand(1, 1, 32, 32)
    index = task.geometry.pixel_index(task.geometry.voxel_centres(), task.views[0])
    inside = ((index >= 0) & (index <= 31)).all(dim=-1)
    seen = Rays(task, "a test")(ramp)[0, 0]
    assert inside.float().mean() > 0.7
    assert seen.sub(index[..., 1])[inside].abs().max() < 1e-4


def test_voxels_that_the_detector_does_not_see_are_zero(task_of) -> None:
    task = task_of([0.0], size=16)
    small = dataclasses.replace(task.geometry, pixel_mm=(5.0, 5.0))
    task = dataclasses.replace(task, geometry=small)
    seen = Rays(task, "a test")(torch.ones(1, 1, 16, 16))[0, 0]
    assert seen[8, 8, 8] == 1 and seen[0].eq(0).all() and seen[..., -1].eq(0).all()


def test_gradients_with_respect_to_the_images_are_right(task_of) -> None:
    rays = Rays(task_of([0.0, 77.0], size=4), "a test").double()
    images = torch.rand(2, 2, 4, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(rays, images)


def test_checkpoints_hold_no_grids(task_of) -> None:
    assert not RepeatConcat(task_of(), align="geometric").state_dict()


def test_a_geometry_of_other_pixels_is_refused(task_of) -> None:
    task = dataclasses.replace(task_of(), geometry=task_of(pixels=20).geometry)
    with pytest.raises(PartError, match="code: other-geometry"):
        RepeatConcat(task, align="geometric")


def test_a_source_inside_the_volume_is_refused(task_of) -> None:
    task = task_of([45.0])
    near = dataclasses.replace(task.geometry, source_axis_mm=200.0)
    with pytest.raises(PartError, match="reaches 226 mm"):
        Rays(dataclasses.replace(task, geometry=near), "a test")
