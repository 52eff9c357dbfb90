"""Rules of an objective, in the order in which they are tried, and what it is tried with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import repeat

from torch import nn

from repcat.contracts import Objective, Turn
from repcat.models.network import Network
from repcat.rng import seeded
from repcat.testing.docs import Subject
from repcat.testing.fixtures import Fan, Scaled, batch_of, smallest, task_of
from repcat.testing.result import Verdict, judge
from repcat.testing.rules import objective_losses, objective_turns, training
from repcat.types import Batch, Grid


@dataclass(frozen=True)
class Trial:
    """An objective on trial, the size it takes, and the backbone it trains: a stand-in, or one."""

    subject: Subject
    size: int
    crash: str
    source: Grid
    backbone: Callable[..., nn.Module]

    def build(self) -> Objective:
        """Build it as repcat does."""
        with seeded(0, "part"):
            made: Objective = self.subject.factory(task_of(self.size), **self.subject.options)
        return made

    def model(self) -> Network:
        """Build the network that it trains."""
        task = task_of(self.size)
        with seeded("model"):
            return Network(Fan(self.source, task), self.backbone(self.source, task.volume))

    def batch(self, patients: int = 2) -> Batch:
        """Return patients of noise."""
        return batch_of(task_of(self.size), patients)

    def play(self, objective: Objective, patients: int = 2) -> Iterator[Turn]:
        """Give the turns of one step, on one batch again and again."""
        return iter(objective.train().turns(self.model(), repeat(self.batch(patients))))

    def team(self) -> training.Team:
        """Return it with what it trains."""
        return training.Team(
            self.size,
            batch_size=2,
            mapper=partial(Fan, self.source),
            backbone=self.backbone,
            objective=self.subject.factory,
            options={"objective": self.subject.options},
        )


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
    trial = on_trial(subject, size, source, backbone)
    return [
        *judge(objective_losses.RULES, trial),
        *judge(objective_turns.RULES, trial),
        *judge(training.RULES, trial.team()),
    ]


def on_trial(
    subject: Subject,
    size: int | None,
    source: Grid | None,
    backbone: Callable[..., nn.Module] | None,
) -> Trial:
    """Find the smallest volume that an objective takes."""

    def trial_at(n: int, crash: str = "") -> Trial:
        trial = Trial(subject, n, crash, source or Grid(2, (n,) * 3), partial(Scaled, frozenset()))
        branches = frozenset(getattr(trial.build(), "branches", ()))
        return replace(trial, backbone=backbone or partial(Scaled, branches))

    def attempt(n: int) -> None:
        trial = trial_at(n)
        for _ in trial.play(trial.build(), patients=1):
            pass

    return trial_at(*smallest(attempt, size))
