"""Rules of training: real steps of a part beside stand-ins, in bf16 and resumed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch

from repcat.config.validate import check_recipe
from repcat.contracts import Request
from repcat.registry.parts import Parts
from repcat.runs.checkpoint import State
from repcat.runs.run import Run
from repcat.testing.fixtures import TWO, Cubes, Fan, Scaled, Squares, shadows
from repcat.testing.result import Rule, check
from repcat.training.session import Session
from repcat.types import Grid


@dataclass(frozen=True)
class Team:
    """A mapper, a backbone and an objective that train together; one of them is on trial."""

    size: int
    batch_size: int = 1
    azimuths: tuple[float, ...] = TWO
    mapper: Callable[..., Any] | None = None
    backbone: Callable[..., Any] | None = None
    objective: Callable[..., Any] = Squares
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def session(self, precision: str = "fp32") -> Session:
        """Return a session of two steps on a CPU, its chance the same each time."""
        parts = Parts()
        grid = Grid(len(self.azimuths), (self.size,) * 3)
        parts.datasets.add("cubes", Cubes)
        parts.projectors.add("shadows", lambda: shadows)
        parts.mappers.add("mapper", self.mapper or partial(Fan, grid))
        parts.backbones.add("backbone", self.backbone or partial(Scaled, frozenset()))
        parts.objectives.add("objective", self.objective)
        names = ("mapper", "backbone", "objective")
        chosen = {name: {"use": name, **self.options.get(name, {})} for name in names}
        train = {"steps": 2, "batch_size": self.batch_size, "precision": precision, "ema": 0.5}
        scene = {"size": self.size, "views": list(self.azimuths)}
        data = {"use": "cubes", "projector": "shadows", **scene}
        augment = {"contrast": 0.5, "flip_p": 0.5}
        tables = {"data": data, "train": train, "augment": augment, **chosen}
        recipe = check_recipe(tables, "the recipe of the check", parts)
        patients = Cubes(Request(self.size, recipe.views, shadows))
        torch.rand(1)  # history, which must not matter
        return Session(recipe, patients, parts, "cpu")


def trains_in_bf16(team: Team) -> None:
    """A step of training under autocast to bfloat16 leaves weights and losses numbers."""
    session = team.session("bf16")
    try:
        logs = session.run_step()
    except RuntimeError as error:
        msg = f"{error}; under autocast keep to the type of what comes in: `y.to(x.dtype)`"
        raise AssertionError(msg) from error
    check(all(v == v for v in logs.values()), f"a loss is not a number: {logs}")
    for name, table in session.state().tensors.items():
        wrong = [k for k, t in table.items() if t.is_floating_point() and not t.isfinite().all()]
        check(not wrong, f"after one step {name} {wrong[:1]} is not finite; sum up in float32")


def resumes_bit_for_bit(team: Team) -> None:
    """Two steps, or one, saved to files, loaded anew, and another: the same bits."""
    whole = team.session()
    whole.run_step()
    with tempfile.TemporaryDirectory() as folder:
        Run(Path(folder)).save(1, whole.state())
        saved = Run(Path(folder)).load(1)
    whole.run_step()
    again = team.session()
    again.load(saved)
    again.run_step()
    _check_same_bits(whole.state(), again.state())


def _check_same_bits(whole: State, again: State) -> None:
    cure = (
        "keep what training changes in parameters or registered buffers, and draw chance from "
        "torch's generator or repcat.seeded"
    )
    check(whole.values == again.values, f"the counters differ after a resume: {cure}")
    for name, table in whole.tensors.items():
        other = again.tensors.get(name, {})
        check(table.keys() == other.keys(), f"{name} has other tensors after a resume: {cure}")
        apart = [k for k, t in table.items() if not torch.equal(t, other[k])]
        check(not apart, f"{name} {apart[:1]} differs after a resume: {cure}")


RULES: tuple[Rule, ...] = (trains_in_bf16, resumes_bit_for_bit)
