"""Rules of a backbone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from repcat.testing.docs import Subject
from repcat.testing.fixtures import Fan, first_fit, values
from repcat.testing.result import Verdict, applies, check, judge, rules_in
from repcat.testing.rules import network, training
from repcat.testing.rules.training import Team
from repcat.types import Grid, Prediction


@dataclass(frozen=True)
class Backbone:
    """A backbone on trial: from `source` to a cube; `crash` is what broke at a smaller size."""

    subject: Subject
    source: Grid
    target: Grid
    crash: str

    def build(self) -> nn.Module:
        """Build it; the seed comes from the global generator."""
        made: nn.Module = self.subject.factory(self.source, self.target, **self.subject.options)
        return made

    def feed(self, patients: int) -> Tensor:
        """Return numbers in [0, 1] of its source."""
        ids = tuple(f"patient-{n}" for n in range(patients))
        return values(ids, (self.source.channels, *self.source.size))

    def network(self) -> network.Network:
        """Return it as a network, and the team that it trains in."""
        team = Team(
            self.target.size[0],
            mapper=partial(Fan, self.source),
            backbone=self.subject.factory,
            options={"backbone": self.subject.options},
        )
        return network.Network(self.build, self.feed, named, team)


def named(network: nn.Module, x: Tensor) -> dict[str, Tensor]:
    """Run a backbone and name its volume and branches."""
    out = network(x)
    if isinstance(out, Prediction):
        return {"the volume": out.volume, **{f"branch {k!r}": v for k, v in out.branches.items()}}
    what = type(out).__name__
    check(isinstance(out, Tensor), f"forward returns {what}, not Tensor or Prediction")
    return {"the volume": out}


def gives_the_grid_that_it_is_asked_for(trial: Backbone) -> None:
    """(B, target.channels, *target.size), for one patient and for two."""
    network = trial.build().eval()
    for patients in (1, 2):
        with torch.no_grad():
            shape = tuple(named(network, trial.feed(patients))["the volume"].shape)
        wanted = (patients, trial.target.channels, *trial.target.size)
        check(shape == wanted, f"forward returns {shape} where the task asks for {wanted}")


def refuses_sizes_that_it_cannot_take(trial: Backbone) -> None:
    """A grid that does not fit is refused with PartError when it is built."""
    check(not trial.crash, trial.crash)


def names_the_branches_it_gives(trial: Backbone) -> None:
    """Its attribute `branches` is what an objective is matched against."""
    network = trial.build()
    out, said = network(trial.feed(1)), frozenset(getattr(network, "branches", ()))
    given = frozenset(out.branches) if isinstance(out, Prediction) else frozenset()
    applies(bool(given | said), "it gives a volume alone")
    check(given == said, f"it gives {sorted(given)}, its attribute `branches` says {sorted(said)}")


OWN = rules_in(__name__)


def verdicts(
    subject: Subject, *, size: int | None = None, source: Grid | None = None
) -> list[Verdict]:
    """Try a backbone by every rule, at `size` voxels a side and from `source`, or what it takes."""
    trial = on_trial(subject, size, source)
    trained = trial.network()
    return [
        *judge(OWN, trial),
        *judge(network.RULES, trained),
        *judge(training.RULES, trained.team),
    ]


def on_trial(subject: Subject, size: int | None, source: Grid | None) -> Backbone:
    """Find the smallest cube, and the kind of source, that a backbone takes."""

    def trial_at(kind: Grid | str | None, n: int, crash: str = "") -> Backbone:
        return Backbone(subject, _source(kind, n), Grid(1, (n,) * 3), crash)

    def attempt(kind: Grid | str | None, n: int) -> None:
        trial = trial_at(kind, n)
        network = trial.build().train()
        with torch.no_grad():
            network(trial.feed(1))

    kinds = (source,) if source else (None, "images", "coarse", "point")
    return trial_at(*first_fit(kinds, attempt, size))


def _source(kind: Grid | str | None, size: int) -> Grid:
    if isinstance(kind, Grid):
        return kind
    sizes: Mapping[Any, tuple[int, ...]] = {
        None: (size,) * 3, "images": (size,) * 2, "coarse": (size // 4,) * 3, "point": (),
    }  # fmt: skip
    return Grid(2 if kind in (None, "images") else 8, sizes[kind])
