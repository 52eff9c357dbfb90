"""Rules of mappers that say `any_views`: built once, fed other views than they were built for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from repcat.testing.fixtures import batch_of
from repcat.testing.result import check, rules_in
from repcat.testing.rules.network import TOLERANCE, difference
from repcat.testing.trial import MapperTrial
from repcat.view import View

if TYPE_CHECKING:
    from repcat.types import Batch

# No two at right angles, every other one mirrored and tilted; none but the first is a view of any
# trial.
ODD = tuple(View(37.0 * k, mirrored=k % 2 == 1, tilt=4.0 * k * (k % 2)) for k in range(8))
COUNTS = (1, 2, 3, 8)


@torch.no_grad()
def takes_any_number_of_views_at_any_angle(trial: MapperTrial) -> None:
    """Built once, it gives its grid, finite, for 1, 2, 3 and 8 views that it was not told of."""
    mapper = trial.build(trial.task()).eval()
    for count in COUNTS:
        found = mapper(_batch(trial, count))
        wanted = (2, mapper.out.channels, *mapper.out.size)
        shape = tuple(found.shape)
        check(shape == wanted, f"of {count} X-rays it gives {shape}, `out` states {wanted}")
        check(bool(found.isfinite().all()), f"of {count} X-rays it gives NaN or infinity")


@torch.no_grad()
def goes_by_the_views_of_the_batch(trial: MapperTrial) -> None:
    """Built for one view or for eight, the same weights give the same of the same X-rays."""
    mapper = trial.build(trial.task()).eval()
    other = trial.build(trial.task(tuple(45.0 * k for k in range(8)))).eval()
    check(other.out == mapper.out, f"`out` is {mapper.out}, with eight views {other.out}")
    try:
        other.load_state_dict(mapper.state_dict())
    except RuntimeError as error:
        msg = f"its weights hang on the number of views ({error}); share them between views"
        raise AssertionError(msg) from error
    for count in COUNTS:
        batch = _batch(trial, count)
        apart = difference(mapper(batch), other(batch))
        cure = "read batch.views, not task.views"
        check(apart <= TOLERANCE, f"it differs by {apart:.2g} with what it was built for: {cure}")


@torch.no_grad()
def takes_views_in_any_order(trial: MapperTrial) -> None:
    """The order of the views does not matter; 1e-4 of the range."""
    mapper = trial.build(trial.task()).eval()
    for count in COUNTS[1:]:
        batch = _batch(trial, count)
        turned = batch.seen_in([*range(1, count), 0])
        apart = difference(mapper(batch), mapper(turned))
        cure = "pool over views by what does not know their order, such as a mean"
        check(apart <= TOLERANCE, f"another order changes it by {apart:.2g} of its range: {cure}")


@torch.no_grad()
def heeds_a_tilt(trial: MapperTrial) -> None:
    """The same X-ray, said to be taken from 30 degrees higher, gives something else."""
    mapper = trial.build(trial.task()).eval()
    level = _batch(trial, 1)
    tilted = replace(level, views=(replace(ODD[0], tilt=30.0),))
    apart = difference(mapper(level), mapper(tilted))
    cure = "go by Geometry.pixel_index or View.source, not by azimuth alone"
    check(apart > TOLERANCE, f"a tilt of 30 degrees changes nothing: {cure}")


def passes_gradients_to_every_view(trial: MapperTrial) -> None:
    """Each X-ray gets a gradient that is finite, however many there are."""
    mapper = trial.build(trial.task()).train()
    for count in COUNTS:
        batch = _batch(trial, count)
        images = batch.xrays.requires_grad_()
        mapper(batch).square().mean().backward()
        slopes = images.grad if images.grad is not None else torch.zeros_like(images)
        fine = slopes.isfinite().all() and (slopes != 0).flatten(2).any(dim=2).all()
        cure = "a root at 0, or a view left out?"
        check(bool(fine), f"of {count} views one gets no gradient or an infinite one: {cure}")


def _batch(trial: MapperTrial, count: int) -> Batch:
    """Return two patients in the first views of ODD."""
    batch = batch_of(trial.task(tuple(view.azimuth for view in ODD)), 2)
    return replace(batch, views=ODD).seen_in(range(count))


RULES = rules_in(__name__)
