"""Where a voxel's shadow falls: repcat's own projector against the planes of this package."""

import pytest
import torch

from repcat import Batch, Grid, PartError, View
from repcat.testing import installed
from repcat_x2ct.planes import FRONTAL, LATERAL, plane_of, repeated
from repcat_x2ct.views import X2CTViews

DIRECTIONS = [View(a, mirrored) for a in (0.0, 90.0, 180.0, 270.0) for mirrored in (False, True)]


def shadow(task, z, y, x):
    """X-rays (1, N, rows, columns) of a volume with one voxel that absorbs."""
    volume = torch.zeros(task.volume.size)
    volume[z, y, x] = 1.0
    project = installed("projectors", "march")()
    images = project(volume, task.geometry, task.views).unsqueeze(0)
    return Batch(("one",), images, task.views, volume[None, None])


def brightest(image):
    return divmod(int(image.argmax()), image.shape[-1])


@pytest.mark.parametrize("view", DIRECTIONS, ids=str)
def test_a_voxels_shadow_lies_at_its_z_and_its_x_or_y(view, task_of):
    plane = plane_of(view)
    (image,) = shadow(task_of([view]), 1, 6, 2).xrays[0]
    aside = {FRONTAL: 2, LATERAL: 6}[plane.ray]
    assert brightest(plane.of(image[None])[0]) == (1, aside)


@pytest.mark.parametrize("views", [(0.0, 90.0), (90.0, 0.0), (270.0, 180.0)])
def test_the_mapper_gives_the_frontal_plane_then_the_lateral_one(views, task_of):
    task = task_of(views)
    mapper = X2CTViews(task)
    planes = mapper(shadow(task, 1, 6, 2))
    assert mapper.out == Grid(2, (8, 8)) and planes.shape == (1, 2, 8, 8)
    assert brightest(planes[0, 0]) == (1, 2)
    assert brightest(planes[0, 1]) == (1, 6)


def test_a_repeated_plane_runs_through_the_voxel_that_cast_its_shadow(task_of):
    task = task_of()
    planes = X2CTViews(task)(shadow(task, 1, 6, 2))
    for n, ray in enumerate((FRONTAL, LATERAL)):
        volume = repeated(planes[:, n : n + 1], ray)
        assert volume.shape == (1, 1, 8, 8, 8)
        through = [1, 6, 2]
        through[ray - 2] = slice(None)
        assert (volume[0, 0][tuple(through)] == volume.max()).all()


@pytest.mark.parametrize("views", [(90.0,), (0.0, 180.0), (0.0, 90.0, 270.0)])
def test_views_that_the_network_has_no_net_for_are_refused(views, task_of):
    with pytest.raises(PartError, match="code: views"):
        X2CTViews(task_of(views))


@pytest.mark.parametrize("views", [(45.0, 135.0), (0.0, 60.0)])
def test_oblique_views_are_refused(views, task_of):
    with pytest.raises(PartError, match=r"cannot use the view (45|60)"):
        X2CTViews(task_of(views))
