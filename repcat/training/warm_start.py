"""Warm start: a run begins with another run's weights, part by part, as far as they fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from repcat.contracts import Patients
from repcat.data.leaks import check_apart
from repcat.errors import RepcatError, RunError
from repcat.models.build import open_patients
from repcat.registry.parts import Parts
from repcat.runs.checkpoint import weights_hash
from repcat.runs.run import Run
from repcat.training.session import Session

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class WarmStart:
    """What a run took from another: of each part how many tensors, and why not the others."""

    run: str
    step: int
    weights: str
    taken: Mapping[str, tuple[int, int]]
    left: tuple[str, ...]
    note: str = ""

    def record(self) -> dict[str, Any]:
        """Return what provenance.json keeps of it."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Say it: one line of what was taken, one of what was not."""
        parts = [f"{part} {some} of {all_}" for part, (some, all_) in self.taken.items()]
        found = [f"weights of {self.run} at step {self.step}: {', '.join(parts)} tensors"]
        if self.left:
            more = len(self.left) - MOST_NAMED
            rest = f"; and {more} more" if more > 0 else ""
            found.append(f"begun afresh: {'; '.join(self.left[:MOST_NAMED])}{rest}")
        return found + [self.note] * bool(self.note)


def warm_start(session: Session, path: Path, parts: Parts) -> WarmStart:
    """Put the last weights of a run into a session that has not begun; moments start afresh.

    A tensor is taken where this session has one of its name and shape; of the objective only those
    of its players. Where the run has averaged weights, they are what is taken.

    Raises:
        RunError: where there is no run, or nothing of it fits.
        DataError: where the run was trained on a scan that this recipe tests on.
    """
    run = Run.open(path)
    note = _check_tested(session.cache.patients, run, parts)
    state = run.load(tables=("model", "average", "objective"))
    step = int(state.values["step"])
    theirs = state.tensors["model"] | state.tensors.get("average", {})
    taken: dict[str, tuple[int, int]] = {}
    left: list[str] = []
    for part, module in session.network.named_children():
        taken[part] = _take(part, module, _below(theirs, part), left)
    for player in session.objective.players:
        known = _below(state.tensors.get("objective", {}), player)
        if known:
            taken[player] = _take(player, session.objective.get_submodule(player), known, left)
    if not any(some for some, _ in taken.values()):
        msg = (
            f"--from {path}: none of its weights has the name and shape of one of this recipe's; "
            f"compare its recipe.toml; first: {left[0] if left else 'it has none'}"
        )
        raise RunError(msg, code="nothing-fits")
    if session.average:
        session.average.load(dict(session.network.named_parameters()))
    return WarmStart(str(path), step, weights_hash(run.checkpoint(step)), taken, tuple(left), note)


def _below(table: Mapping[str, Tensor], part: str) -> dict[str, Tensor]:
    """Return a part's tensors by their names inside it."""
    return {k.removeprefix(f"{part}."): v for k, v in table.items() if k.startswith(f"{part}.")}


def _take(
    part: str, module: nn.Module, theirs: Mapping[str, Tensor], left: list[str]
) -> tuple[int, int]:
    """Copy what fits into a module; returns how many of its tensors were taken, and of how many."""
    ours = module.state_dict()
    misfits = dict(_misfits(ours, theirs))
    left += [f"{part}.{name} ({why})" for name, why in misfits.items()]
    fitting = {name: theirs[name] for name in ours if name not in misfits}
    module.load_state_dict(ours | fitting)
    return len(fitting), len(ours)


def _misfits(ours: Mapping[str, Tensor], theirs: Mapping[str, Tensor]) -> Iterator[tuple[str, str]]:
    for name, tensor in ours.items():
        other = theirs.get(name)
        if other is None:
            yield name, "not there"
        elif other.shape != tensor.shape:
            yield name, f"{_size(other)} there, {_size(tensor)} here"


def _size(tensor: Tensor) -> str:
    return " x ".join(map(str, tensor.shape)) or "a number"


def _check_tested(patients: Patients, run: Run, parts: Parts) -> str:
    """Refuse weights that have seen a test patient; returns what to say where nobody can tell."""
    try:
        trained = open_patients(run.recipe(parts), parts)
    except RepcatError:
        return (
            f"the dataset of {run.path} is not there: whether it was trained on patients that are "
            "tested here is not known"
        )
    check_apart(trained, patients)
    return ""
