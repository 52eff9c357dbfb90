from __future__ import annotations

import dataclasses

import pytest
import torch

from repcat import Grid, PartError, View
from repcat_plugins.mappers.lift import RAW, Lift
from repcat_plugins.mappers.view_pool import ViewPool

SMALL = {"channels": (2, 8, 8), "features": (2, 4), "image_channels": (4, 8, 8)}


def lift(task, **options) -> Lift:
    return Lift(task, **(SMALL | options))


def alike(one: torch.Tensor, other: torch.Tensor) -> bool:
    return bool((one - other).abs().max() < 1e-4 * one.abs().max())


@pytest.mark.parametrize("count", [1, 2, 8])
def test_the_order_of_views_does_not_matter(task_of, batch_of, count: int) -> None:
    task = task_of([47.0 * k + 3 for k in range(count)])
    mapper, batch = lift(task_of([0.0])), batch_of(task)
    assert alike(mapper(batch), mapper(batch.seen_in([*range(count)][::-1])))


@pytest.mark.parametrize("azimuth", [0.0, 37.0, 90.0, 200.0])
def test_a_mirrored_view_gives_the_same_as_the_bare_one(task_of, batch_of, azimuth: float) -> None:
    bare, over = task_of([View(azimuth)]), task_of([View(azimuth, mirrored=True)])
    images = batch_of(bare).xrays
    mapper = lift(task_of([0.0]))
    assert mapper(batch_of(bare, images)).equal(mapper(batch_of(over, images.flip(-1))))


def test_opposite_views_are_two_views(task_of, batch_of) -> None:
    """Of parallel rays, which are the same lines, the image from behind is the mirrored one."""
    both = task_of([0.0, 180.0], beam="parallel")
    images = batch_of(task_of([0.0])).xrays
    batch = batch_of(both, torch.cat((images, images.flip(-1)), dim=1))
    mapper = lift(both)
    grey = [mapper._raw(torch.stack((b.xrays, b.xrays @ mapper.ramp), 2), b.views)[:, :4]
            for b in (batch, batch.seen_in([0]))]  # fmt: skip
    assert alike(*grey)
    assert mapper(batch).isfinite().all()


def test_images_are_pooled_at_full_size_as_view_pool_does(task_of, batch_of) -> None:
    task = task_of([0.0, 33.0, 90.0], pixels=20)
    mapper, batch = lift(task), batch_of(task)
    raw = mapper._raw(torch.stack((batch.xrays, batch.xrays @ mapper.ramp), dim=2), batch.views)
    wanted = ViewPool(task, features=0, pool=("mean", "max"))(batch)
    assert raw.shape == (2, RAW, 16, 16, 16)
    seen = (..., slice(4, 12), slice(4, 12), slice(4, 12))  # by all of them: not the corners
    assert alike(wanted[seen], raw[:, :2][seen])


def test_without_features_it_has_no_2d_network(task_of, batch_of) -> None:
    mapper, batch = lift(task_of(), features=(0, 0)), batch_of(task_of())
    assert not any(isinstance(m, torch.nn.Conv2d) for m in mapper.modules())
    assert mapper(batch).shape == (2, 2, 16, 16, 16)


def test_rays_tell_the_front_from_behind(task_of, batch_of) -> None:
    """The same flat picture from the front and from behind."""
    images = torch.full((1, 1, 16, 16), 0.5)
    front, back = (batch_of(task_of([a], beam="parallel"), images) for a in (0.0, 180.0))

    def seen(rays: bool, batch):
        mapper = lift(task_of([0.0], beam="parallel"), rays=rays)
        both = torch.stack((batch.xrays, batch.xrays @ mapper.ramp), dim=2)
        read = (
            both if mapper.embed is None else torch.cat((both, mapper.embed(both, batch.views)), 2)
        )
        return read

    assert seen(False, front).equal(seen(False, back))
    assert not seen(True, front).equal(seen(True, back))


def test_its_grid_is_that_of_the_volume_whatever_the_views(task_of) -> None:
    for views in ([0.0], [45.0 * k for k in range(8)]):
        assert lift(task_of(views)).out == Grid(2, (16, 16, 16))


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"features": (2, 4, 4)}, "3, 3 and 3"),
        ({"channels": (2, 8)}, "2, 2 and 3"),
        ({"image_channels": (4, 8)}, "3, 2 and 2"),
    ],
)
def test_widths_of_other_numbers_of_scales_are_refused(task_of, options, why: str) -> None:
    with pytest.raises(PartError, match=f"'lift' needs .* one fewer, not {why}") as refusal:
        lift(task_of(), **options)
    assert refusal.value.code == "wrong-options"


def test_sides_that_cannot_be_halved_so_often_are_refused(task_of) -> None:
    with pytest.raises(PartError, match="multiples of 4, not 18 x 18 x 18; change") as refusal:
        lift(task_of(size=18))
    assert refusal.value.code == "wrong-sides"


def test_a_source_inside_the_volume_is_refused(task_of) -> None:
    task = task_of([45.0])
    near = dataclasses.replace(task.geometry, source_axis_mm=200.0)
    with pytest.raises(PartError, match=r"'lift': the source of view 45 .*reaches 226 mm"):
        lift(dataclasses.replace(task, geometry=near))
