from __future__ import annotations

import dataclasses

import pytest
import torch

from repcat import Grid, PartError, View
from repcat_plugins.mappers.ramp import ramp
from repcat_plugins.mappers.repeat_concat import RepeatConcat
from repcat_plugins.mappers.view_pool import ViewPool
from repcat_plugins.projectors.march import march


@pytest.mark.parametrize("count", range(1, 9))
def test_grey_values_are_pooled_along_the_exact_rays(task_of, batch_of, count: int) -> None:
    """Built for two views; of any others it gives what `geometric` lays as channels, pooled."""
    task = task_of([47.0 * k + 3 for k in range(count)])
    batch = batch_of(task)
    laid = RepeatConcat(task, align="geometric")(batch)
    mean, largest, spread = ViewPool(task_of(), features=0)(batch).unbind(dim=1)
    assert mean.sub(laid.mean(dim=1)).abs().max() < 1e-6
    assert largest.equal(laid.amax(dim=1))
    assert spread.square().sub(laid.var(dim=1, correction=0) + 1e-6).abs().max() < 1e-6


def test_views_of_one_grey_each_give_their_mean_maximum_and_deviation(task_of, batch_of) -> None:
    task = task_of([10.0, 130.0, 250.0])
    images = torch.tensor([0.2, 0.5, 0.8]).reshape(1, 3, 1, 1).expand(1, 3, 16, 16)
    centre = ViewPool(task, features=0)(batch_of(task, images))[0, :, 8, 8, 8]
    # The population's standard deviation of 0.2, 0.5, 0.8 is 0.3 sqrt(2 / 3).
    assert centre.tolist() == pytest.approx([0.5, 0.8, 0.3 * (2 / 3) ** 0.5], abs=1e-5)


@pytest.mark.parametrize("azimuth", [0.0, 37.0, 90.0, 200.0])
def test_a_mirrored_view_gives_the_same_as_the_bare_one(task_of, batch_of, azimuth: float) -> None:
    bare, over = task_of([View(azimuth)]), task_of([View(azimuth, mirrored=True)])
    images = batch_of(bare).xrays
    pool = ViewPool(task_of([0.0]))
    assert pool(batch_of(bare, images)).equal(pool(batch_of(over, images.flip(-1))))


def test_two_oblique_views_meet_in_a_projected_marker(task_of, batch_of) -> None:
    views, marker = [View(33.0, tilt=15.0), View(110.0, mirrored=True, tilt=-20.0)], (5, 11, 3)
    task = task_of(views, pixels=64)
    mu = torch.zeros(16, 16, 16)
    mu[marker] = 0.02
    images = march(step_mm=4.0)(mu, task.geometry, task.views)[None]
    mean = ViewPool(task_of([0.0], pixels=64), features=0, pool=("mean",))
    found = mean(batch_of(task, images))[0, 0]
    assert tuple(int(i) for i in torch.unravel_index(found.argmax(), mu.shape)) == marker


def test_features_know_where_the_view_was_taken(task_of, batch_of) -> None:
    """The same picture from the front and from behind: one of them carries another feature."""
    pool = ViewPool(task_of([0.0]), features=2)
    images = torch.full((1, 1, 16, 16), 0.5)
    front, back = (pool(batch_of(task_of([a]), images))[0, :3, 8, 8, 8] for a in (0.0, 180.0))
    assert front[0] == back[0] and not front[1:].equal(back[1:])


@pytest.mark.parametrize("azimuths", [(0.0, 90.0), (10.0, 100.0, 220.0), (0, 45, 90, 135)])
def test_harmonics_tell_views_apart_whatever_their_order(task_of, batch_of, azimuths) -> None:
    """What each view saw is a linear function of the pools: least squares finds it exactly."""
    task = task_of(list(azimuths))
    batch = batch_of(task)
    pool = ViewPool(task_of([0.0]), features=0, pool=("mean",), harmonics=4)
    found = pool(batch)[0].flatten(1)  # mean and eight waves
    own = RepeatConcat(task, align="geometric")(batch)[0].flatten(1)
    weights = torch.linalg.lstsq(found.T.double(), own.T.double(), driver="gelsd").solution
    assert (found.T.double() @ weights - own.T).abs().max() < 1e-5
    turned = dataclasses.replace(
        batch, xrays=batch.xrays.flip(1), views=tuple(reversed(batch.views))
    )
    assert (pool(turned) - pool(batch)).abs().max() < 1e-6


def test_a_filtered_mean_is_the_back_projection_of_filtered_rows(task_of, batch_of) -> None:
    task = task_of([0.0, 30.0, 60.0])
    batch = batch_of(task)
    pool = ViewPool(task, features=0, pool=("mean",), filtered=True)
    flat = dataclasses.replace(batch, xrays=batch.xrays @ ramp(batch.xrays.shape[-1]))
    own = RepeatConcat(task, align="geometric")(flat).mean(dim=1)
    assert (pool(batch)[:, 1] - own).abs().max() < 1e-6


def test_channels_are_those_of_the_pools_whatever_the_views(task_of) -> None:
    for views in ([0.0], [45.0 * k for k in range(8)]):
        assert ViewPool(task_of(views)).out == Grid(27, (16, 16, 16))
        assert ViewPool(task_of(views), features=4, pool=("max",)).out == Grid(5, (16, 16, 16))


def test_a_source_inside_the_volume_is_refused_where_it_appears(task_of, batch_of) -> None:
    task = task_of([0.0])
    task = dataclasses.replace(
        task, geometry=dataclasses.replace(task.geometry, source_axis_mm=200.0)
    )
    pool = ViewPool(task)
    with pytest.raises(PartError, match=r"'view_pool': the source of view 45 .*reaches 226 mm"):
        pool(batch_of(dataclasses.replace(task, views=(View(45.0),))))
