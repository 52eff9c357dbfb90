"""Rules of an objective, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from repcat.testing.docs import Subject
from repcat.testing.result import Verdict, judge
from repcat.testing.rules import objective_losses, objective_turns, training
from repcat.testing.trial import objective_on_trial
from repcat.types import Grid


def verdicts(
    subject: Subject,
    *,
    size: int | None = None,
    source: Grid | None = None,
    backbone: Callable[..., nn.Module] | None = None,
) -> list[Verdict]:
    """Try an objective by every rule.

    It trains a stand-in that gives the volume for every branch that it reads, or `backbone`, a
    function of (source, target), from `source`.
    """
    trial = objective_on_trial(subject, size, source, backbone)
    return [
        *judge(objective_losses.RULES, trial),
        *judge(objective_turns.RULES, trial),
        *judge(training.RULES, trial.team()),
    ]
