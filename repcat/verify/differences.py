"""Differences between what a run kept and what was made again: scores, volumes, weights, losses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from repcat.errors import DataError
from repcat.runs.checkpoint import State
from repcat.scoring.score_table import parse_methods
from repcat.types import Window
from repcat.verify.verdict import FIRST, LOSSES, SCORES, Verdict

# What a line of log.jsonl tells of the machine, not of the training.
OF_THE_MACHINE = {"step", "seconds", "samples_per_s", "memory_gb"}
# Norms of gradients and Hounsfield units: beside them a difference of losses would look small.
LARGE = ("_grad", "_pull", "_hu")


def compare_scores(kept: Path, new: Path) -> Verdict:
    """Compare two score files figure by figure."""
    old, now = _figures(kept), _figures(new)
    if lacking := [place for place in old if place not in now]:
        return Verdict(f"{kept.name} has a figure that is not of it: {lacking[0]}", False, False)
    sizes = {k: _relative(old[k], now[k]) for k in old}
    worst = max(sizes, key=sizes.__getitem__, default="")
    if not sizes.get(worst):
        return Verdict()
    words = f"{kept.name}: {worst} is {now[worst]:.7g}, kept {old[worst]:.7g}"
    return Verdict(words, equal=False, near=sizes[worst] <= SCORES)


def _figures(path: Path) -> dict[str, float]:
    return {
        f"{figure} of {name}, {by},": value
        for by, patients in parse_methods(path).items()
        for name, row in patients.items()
        for figure, value in row.items()
    }


def _relative(a: float, b: float) -> float:
    """Return a difference over the larger size; 0 of two that are the same or both not numbers."""
    if a == b or (math.isnan(a) and math.isnan(b)):
        return 0.0
    size = abs(a - b) / max(abs(a), abs(b))
    return size if math.isfinite(size) else math.inf


def compare_volumes(
    kept: Path, new: Path, ids: Sequence[str], window: Window, db: float
) -> Verdict:
    """Compare saved volumes in HU; `db` is the least PSNR between them that is near enough."""
    worst, most, same = "", 0.0, math.inf
    for name in ids:
        old, now = _saved(kept / f"{name}.npy"), _saved(new / f"{name}.npy")
        if old.shape != now.shape or not np.isfinite(old).all():
            return Verdict(f"{name} is no volume that this run makes", equal=False, near=False)
        error = np.abs(now.astype(np.float64) - old)
        if error.max() > most:
            worst, most = name, float(error.max())
        if error.any():
            span = window.high - window.low
            same = min(same, -10 * math.log10(float(np.square(error / span).mean())))
    if not worst:
        return Verdict()
    words = f"differ by up to {most:.3g} HU ({worst}), PSNR between them {same:.1f} dB"
    return Verdict(words, equal=False, near=same >= db)


def _saved(path: Path) -> np.ndarray[Any, Any]:
    """Read a saved prediction.

    Raises:
        DataError: where it cannot be read.
    """
    try:
        found: np.ndarray[Any, Any] = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        msg = f"{path} cannot be read ({error}); predict again"
        raise DataError(msg, code="prediction-damaged") from None
    return found


def compare_weights(kept: State, new: State) -> Verdict:
    """Compare all tensors of two checkpoints; the difference told is that of the weights."""
    most, where, equal = 0.0, "", kept.tensors.keys() == new.tensors.keys()
    for name, table in kept.tensors.items():
        other = new.tensors.get(name, {})
        for key, tensor in table.items():
            now = other.get(key)
            if now is None or now.shape != tensor.shape:
                return Verdict(f"there is no {name} {key} of its shape", equal=False, near=False)
            if torch.equal(tensor, now):
                continue
            equal = False
            apart = (tensor.double() - now.double()).abs().max().item()
            if not name.startswith("optim.") and apart > most:
                most, where = apart, f" ({key})"
    step = kept.values["step"]
    words = f"differ by up to {most:.2g}{where} at step {step}"
    # their size says little: a weight without effect moves by its rounding, see docs/reproduce.md
    return Verdict() if equal else Verdict(words, equal=False)


def compare_losses(
    kept: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> tuple[Verdict, int]:
    """Compare two logs where both have a step; returns also of how many steps."""
    old, now = _by_step(kept), _by_step(new)
    steps = sorted(old.keys() & now.keys())
    apart = {s: _losses_apart(old[s], now[s]) for s in steps}
    first = next((s for s in steps if apart[s]), None)
    if first is None:
        return Verdict(), len(steps)
    early = max(apart[s] for s in steps if s <= max(FIRST, steps[0]))
    words = f"losses differ from step {first} on, by up to {max(apart.values()):.1g} of their size"
    return Verdict(words, equal=False, near=early <= LOSSES), len(steps)


def _by_step(records: Sequence[Mapping[str, Any]]) -> dict[int, dict[str, float]]:
    found: dict[int, dict[str, float]] = {}
    for record in records:
        losses = {k: v for k, v in record.items() if isinstance(v, float)}
        if isinstance(record.get("step"), int):
            found.setdefault(record["step"], {}).update(losses)
    return {step: losses for step, losses in found.items() if losses}


def _losses_apart(old: Mapping[str, float], now: Mapping[str, float]) -> float:
    """Return the largest difference over the size of the step's largest loss."""
    names = [k for k in (old.keys() & now.keys()) - OF_THE_MACHINE if not k.endswith(LARGE)]
    size = max((abs(old[k]) for k in names), default=0.0)
    apart = max((abs(old[k] - now[k]) for k in names if old[k] != now[k]), default=0.0)
    return apart / size if size else apart
