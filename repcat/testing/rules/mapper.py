"""What a mapper must do."""

from __future__ import annotations

from dataclasses import replace

import torch

from repcat.contracts import InputMapper
from repcat.errors import PartError
from repcat.testing.docs import Subject
from repcat.testing.fixtures import batch_of
from repcat.testing.result import DoesNotApply, Verdict, check, judge, rules_in
from repcat.testing.rules import any_views, network, training
from repcat.testing.trial import VIEWS, MapperTrial, mapper_on_trial
from repcat.types import Grid


def states_its_grid_when_it_is_built(trial: MapperTrial) -> None:
    """It is an InputMapper, and `out` is a Grid."""
    mapper = trial.build(trial.task())
    what = type(mapper).__name__
    check(isinstance(mapper, InputMapper), f"it builds a {what}: derive from repcat.InputMapper")
    cure = "set self.out = repcat.Grid(channels, size) in the constructor"
    check(isinstance(getattr(mapper, "out", None), Grid), f"it has no grid `out`: {cure}")


def takes_one_view(trial: MapperTrial) -> None:
    """It gives the grid it states, for a frontal view alone."""
    _check_grid(trial, 1)


def takes_two_views(trial: MapperTrial) -> None:
    """It gives the grid it states, for a frontal and a lateral view."""
    _check_grid(trial, 2)


def takes_eight_views(trial: MapperTrial) -> None:
    """It gives the grid it states, for views every 45 degrees."""
    _check_grid(trial, 8)


def _check_grid(trial: MapperTrial, views: int) -> None:
    task = trial.task(VIEWS[views])
    try:
        mapper = trial.build(task)
    except PartError as refusal:
        msg = f"it refuses {views} view{'s' * (views > 1)}: {refusal}"
        raise DoesNotApply(msg) from None
    for patients in (1, 2):
        with torch.no_grad():
            shape = tuple(mapper.eval()(batch_of(task, patients)).shape)
        wanted = (patients, mapper.out.channels, *mapper.out.size)
        check(shape == wanted, f"forward returns {shape} where `out` states {wanted}")


def refuses_sizes_that_it_cannot_take(trial: MapperTrial) -> None:
    """A scene that does not fit is refused with PartError when it is built."""
    check(not trial.crash, trial.crash)


def takes_black_and_white_images(trial: MapperTrial) -> None:
    """What it gives is finite where an X-ray is 0 or 1 everywhere."""
    task = trial.task()
    mapper = trial.build(task).eval()
    batch = batch_of(task, 1)
    for value, colour in ((0.0, "black"), (1.0, "white")):
        flat = replace(batch, xrays=torch.full_like(batch.xrays, value))
        with torch.no_grad():
            fine = mapper(flat).isfinite().all()
        check(bool(fine), f"a {colour} image gives NaN or infinity: divide by x.clamp(min=eps)")


OWN = rules_in(__name__)


def verdicts(subject: Subject, *, size: int | None = None) -> list[Verdict]:
    """Try a mapper by every rule, at `size` pixels and voxels a side or what it takes."""
    trial = mapper_on_trial(subject, size)
    trained = trial.network()
    more = any_views.RULES if getattr(trial.build(trial.task()), "any_views", False) else ()
    return [
        *judge((*OWN, *more), trial),
        *judge(network.RULES, trained),
        *judge(training.RULES, trained.team),
    ]
