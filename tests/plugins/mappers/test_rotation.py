from __future__ import annotations

import pytest
import torch

from repcat import PartError, View
from repcat_plugins.mappers.repeat_concat import RepeatConcat
from repcat_plugins.mappers.rotation import Rotation

RIGHT = (0.0, 90.0, 180.0, 270.0)
EIGHT = tuple(45.0 * v for v in range(8))


def test_turned_views_equal_the_released_coarse_alignment(golden, task_of, batch_of) -> None:
    """Its view v is our azimuth 180 - 45 v, for its angles are 90, 45, 0, .. and its rows not ours.

    We turn head and foot round, so the images are given upside down.
    """
    arrays = golden("coarse_align16")
    images = torch.tensor(arrays["views8"]).flip(2)
    task = task_of([(180.0 - 45 * v) % 360 for v in range(8)])
    volume = RepeatConcat(task, align="rotate")(batch_of(task, images))
    assert volume.sub(torch.tensor(arrays["coarse_8"])).abs().max() < 1e-4


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("size", [9, 16])
def test_at_right_angles_turning_is_transposing(task_of, batch_of, size: int, mirrored) -> None:
    task = task_of([View(a, mirrored) for a in RIGHT], size=size)
    batch = batch_of(task)
    turned, laid = (RepeatConcat(task, align=a)(batch) for a in ("rotate", "transpose"))
    assert turned.sub(laid).abs().max() < 2e-5


def test_turned_views_meet_in_the_marker(task_of, batch_of) -> None:
    task = task_of(EIGHT, beam="parallel")
    marker = task.geometry.voxel_centres()[5, 9, 6]
    images = torch.zeros(1, 8, 16, 16)
    for n, view in enumerate(task.views):
        row, column = task.geometry.pixel_index(marker, view).round().long()
        images[0, n, row, column] = 1
    together = Rotation(task)(images)[0].sum(dim=0)
    assert together.eq(together.max()).nonzero().tolist() == [[5, 9, 6]]


def test_an_oblique_view_leaves_the_corners_empty(task_of) -> None:
    volume = Rotation(task_of([45.0]))(torch.ones(1, 1, 16, 16))[0, 0]
    assert volume[:, 0, 0].eq(0).all() and volume[:, 8, 8].eq(1).all()


def test_gradients_reach_the_images(task_of) -> None:
    images = torch.rand(1, 2, 16, 16, requires_grad=True)
    Rotation(task_of([30.0, 250.0]))(images).sum().backward()
    assert images.grad.gt(0).all()


def test_images_of_another_size_are_refused(task_of) -> None:
    with pytest.raises(PartError, match="code: sizes-do-not-meet"):
        RepeatConcat(task_of([45.0], pixels=20), align="rotate")
