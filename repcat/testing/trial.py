"""Trials: a mapper or an objective built as repcat does, at the smallest size it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import repeat

import torch
from torch import Tensor, nn

from repcat.contracts import InputMapper, Objective, Turn
from repcat.models.network import Network
from repcat.rng import seeded
from repcat.testing.docs import Subject
from repcat.testing.fixtures import TWO, Fan, Scaled, batch_of, first_fit, smallest, task_of
from repcat.testing.rules import network
from repcat.testing.rules.training import Team
from repcat.types import Batch, Grid, Task

VIEWS = {1: (0.0,), 2: TWO, 8: tuple(45.0 * k for k in range(8))}


@dataclass(frozen=True)
class MapperTrial:
    """A mapper on trial, at a size and in views that it takes."""

    subject: Subject
    azimuths: tuple[float, ...]
    size: int
    crash: str = ""

    def task(self, azimuths: tuple[float, ...] | None = None) -> Task:
        """Return the scene."""
        return task_of(self.size, azimuths or self.azimuths)

    def build(self, task: Task) -> InputMapper:
        """Build it as repcat does."""
        with seeded(task.seed, "part"):
            made: InputMapper = self.subject.factory(task, **self.subject.options)
        return made

    def network(self) -> network.Network:
        """Return it as a network, and the team that it trains in."""
        team = Team(
            self.size,
            azimuths=self.azimuths,
            mapper=self.subject.factory,
            options={"mapper": self.subject.options},
        )
        return network.Network(
            lambda: self.build(self.task()),
            lambda patients: batch_of(self.task(), patients),
            named,
            team,
        )


def named(mapper: nn.Module, batch: Batch) -> dict[str, Tensor]:
    """Run a mapper and name what it gives."""
    return {"what it gives": mapper(batch)}


def mapper_on_trial(subject: Subject, size: int | None) -> MapperTrial:
    """Find the smallest scene that a mapper takes, in two views, or one, or eight."""

    def attempt(azimuths: tuple[float, ...], n: int) -> None:
        trial = MapperTrial(subject, azimuths, n)
        mapper = trial.build(trial.task()).train()
        with torch.no_grad():
            mapper(batch_of(trial.task(), 1))

    return MapperTrial(subject, *first_fit((VIEWS[2], VIEWS[1], VIEWS[8]), attempt, size))


@dataclass(frozen=True)
class ObjectiveTrial:
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

    def team(self) -> Team:
        """Return it with what it trains."""
        return Team(
            self.size,
            batch_size=2,
            mapper=partial(Fan, self.source),
            backbone=self.backbone,
            objective=self.subject.factory,
            options={"objective": self.subject.options},
        )


def objective_on_trial(
    subject: Subject,
    size: int | None,
    source: Grid | None,
    backbone: Callable[..., nn.Module] | None,
) -> ObjectiveTrial:
    """Find the smallest volume that an objective takes."""

    def trial_at(n: int, crash: str = "") -> ObjectiveTrial:
        trial = ObjectiveTrial(
            subject, n, crash, source or Grid(2, (n,) * 3), partial(Scaled, frozenset())
        )
        branches = frozenset(getattr(trial.build(), "branches", ()))
        return replace(trial, backbone=backbone or partial(Scaled, branches))

    def attempt(n: int) -> None:
        trial = trial_at(n)
        for _ in trial.play(trial.build(), patients=1):
            pass

    return trial_at(*smallest(attempt, size))
