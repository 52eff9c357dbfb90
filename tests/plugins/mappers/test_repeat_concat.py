from __future__ import annotations

import dataclasses
from itertools import product
from typing import get_args

import pytest
import torch
from torch import Tensor

from repcat import Batch, Grid, PartError, Task, View, preset
from repcat_plugins.mappers.repeat_concat import Align, RepeatConcat
from repcat_plugins.projectors.march import march

SIZE = 9
CORNERS = list(product((1, 7), (2, 6), (0, 8)))  # z, y, x: no two axes alike


def task_of(views: tuple[View, ...], size: int = SIZE, pixels: int | None = None) -> Task:
    geometry = preset("parallel", size=size, cube_mm=320.0, pixels=pixels)
    xray = Grid(len(views), geometry.pixels)
    return Task(views, xray, Grid(1, geometry.voxels), geometry)


def xray_of(task: Task, corner: tuple[int, int, int], view: View) -> Tensor:
    """Draw the parallel projection of one bright voxel."""
    point = task.geometry.voxel_centres()[corner]
    row, column = task.geometry.pixel_index(point, view).round().long()
    image = torch.zeros(task.xray.size)
    image[row, column] = 1
    return image


def mapped(task: Task, images: list[Tensor], align: str = "transpose") -> Tensor:
    xrays = torch.stack(images)[None]
    batch = Batch(("a",), xrays, task.views, torch.zeros(1, 1, *task.volume.size))
    return RepeatConcat(task, align=align)(batch)[0]


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("azimuth", [0.0, 90.0, 180.0, 270.0])
def test_transposed_views_shine_on_the_ray_through_the_marker(
    azimuth: float, mirrored: bool, corner: tuple[int, int, int]
) -> None:
    view = View(azimuth, mirrored)
    task = task_of((view,))
    volume = mapped(task, [xray_of(task, corner, view)])[0]
    z, y, x = corner
    ray = (z, y, slice(None)) if azimuth in (90.0, 270.0) else (z, slice(None), x)
    assert volume[ray].eq(1).all()
    assert volume.sum() == SIZE


@pytest.mark.parametrize("view", ["pa", "ap", "left_lateral", "right_lateral"])
def test_a_projected_marker_is_mapped_onto_itself(view: str) -> None:
    """Through a projector this time, which knows of no volume axis but where its voxels lie."""
    task, marker = task_of((View.parse(view),)), (7, 2, 8)
    mu = torch.zeros(task.volume.size)
    mu[marker] = 0.02
    volume = mapped(task, [march()(mu, task.geometry, task.views)[0]])[0]
    assert volume[marker] == volume.max() > 10 * volume[7, 6, 0]


def test_four_views_meet_in_the_marker_only() -> None:
    views = tuple(View(a) for a in (0.0, 90.0, 180.0, 270.0))
    task = task_of(views)
    product_of_views = mapped(task, [xray_of(task, (7, 2, 8), v) for v in views]).prod(dim=0)
    assert product_of_views.nonzero().tolist() == [[7, 2, 8]]


@pytest.mark.parametrize(("azimuth", "like"), [(45.0, 0.0), (315.0, 0.0), (135.0, 180.0)])
def test_oblique_views_stay_as_the_nearest_frontal_one(azimuth: float, like: float) -> None:
    image = torch.rand(SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    oblique, frontal = (mapped(task_of((View(a),)), [image]) for a in (azimuth, like))
    assert oblique.equal(frontal)


def test_without_alignment_every_view_is_taken_for_a_frontal_one() -> None:
    image = torch.rand(SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    views = (View(0.0), View(90.0), View(180.0), View(0.0, mirrored=True))
    volumes = mapped(task_of(views), [image] * 4, align="none")
    assert all(v.equal(volumes[0]) for v in volumes)
    assert volumes[0][:, 3].equal(image.flip(0))


@pytest.mark.parametrize("align", ["released", "literal"])
@pytest.mark.parametrize("kept", [[0], [0, 2], [0, 2, 4, 6], [*range(8)]])
def test_array_orders_equal_the_released_code_and_the_papers_text(golden, kept, align) -> None:
    arrays = golden("views16")
    images = torch.tensor(arrays["views8"])[:, kept]
    expected = arrays[f"{'official' if align == 'released' else 'paper'}_{len(kept)}"]
    assert laid(images, [45.0 * v for v in kept], align).equal(torch.tensor(expected))


@pytest.mark.parametrize(("align", "key"), [("released", "official_2"), ("literal", "paper_2")])
def test_array_orders_hold_at_another_size(golden, align: str, key: str) -> None:
    arrays = golden("views32")
    volume = laid(torch.tensor(arrays["views2"]), [0.0, 90.0], align)
    assert volume.equal(torch.tensor(arrays[key]))


def laid(images: Tensor, azimuths: list[float], align: str) -> Tensor:
    views = tuple(View(a) for a in azimuths)
    task = task_of(views, size=images.shape[-1])
    batch = Batch(("a", "b"), images, views, torch.zeros(2, 1, *task.volume.size))
    return RepeatConcat(task, align=align)(batch)


@pytest.mark.parametrize("align", get_args(Align))
@pytest.mark.parametrize("count", range(1, 9))
def test_any_number_of_views_at_any_angle_is_mapped(count: int, align: str) -> None:
    images = torch.rand(2, count, SIZE, SIZE, generator=torch.Generator().manual_seed(count))
    volume = laid(images, [47.0 * k + 3 for k in range(count)], align)
    assert volume.shape == (2, count, SIZE, SIZE, SIZE)
    assert volume.min() >= 0 and 0 < volume.max() <= 1


def test_the_stated_grid_is_the_one_returned() -> None:
    task = task_of((View(0.0), View(90.0)))
    volume = mapped(task, [torch.zeros(SIZE, SIZE)] * 2)
    assert RepeatConcat(task).out == Grid(2, tuple(volume.shape[1:]))


def test_a_volume_that_is_no_cube_is_filled() -> None:
    task = task_of((View(0.0),))
    oblong = dataclasses.replace(task, xray=Grid(1, (5, 4)), volume=Grid(1, (5, 3, 4)))
    assert mapped(oblong, [torch.rand(5, 4)]).shape == (1, 5, 3, 4)


def test_images_of_another_size_are_refused() -> None:
    with pytest.raises(PartError, match="9 x 9 pixels for view 90"):
        RepeatConcat(task_of((View(90.0),), pixels=12))
