"""Courses of training: what several runs logged, a panel a quantity, a line a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from repcat.io.atomic import atomic_file
from repcat.io.notice import SYNTHETIC

# Of a machine, not of a training.
LEFT_OUT = ("step", "seconds", "samples_per_s", "memory_gb")
Records = Sequence[Mapping[str, Any]]
Course = list[tuple[int, float]]


def courses(records: Records) -> dict[str, Course]:
    """Gather each logged quantity of one run: (step, value), oldest first."""
    found: dict[str, Course] = {}
    for record in records:
        for name, value in record.items():
            if name not in LEFT_OUT and isinstance(value, int | float):
                found.setdefault(name, []).append((int(record["step"]), float(value)))
    return found


def draw(path: Path, runs: Mapping[str, Mapping[str, Course]]) -> None:
    """Draw every quantity that any of the runs has, scores first; losses on a scale of powers."""
    from matplotlib.figure import Figure

    names = dict.fromkeys(name for run in runs.values() for name in run)
    scores = [name for name in names if name.startswith(("convergence", "validation"))]
    ordered = [*scores, *(name for name in names if name not in scores)]
    columns = min(3, len(ordered))
    rows = -(-len(ordered) // columns)
    figure = Figure(figsize=(3.4 * columns, 2.6 * rows + 0.5), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat[len(ordered) :]:
        axis.axis("off")
    for axis, name in zip(axes.flat, ordered, strict=False):
        for run, found in runs.items():
            steps, values = zip(*found.get(name, [(float("nan"), float("nan"))]), strict=True)
            dots = "o" if len(steps) < 40 else None
            axis.plot(steps, values, lw=1, marker=dots, ms=2.5, label=run)
        if name not in scores and all(v > 0 for run in runs.values() for _, v in run.get(name, [])):
            axis.set_yscale("log")
        axis.set_title(name.replace("_", " "), fontsize=9)
        axis.set_xlabel("step", fontsize=8)
        axis.tick_params(which="both", labelsize=7)
    if len(runs) > 1:
        axes.flat[0].legend(fontsize=7)
    figure.suptitle(SYNTHETIC, fontsize=8)
    with atomic_file(path) as file:
        figure.savefig(file, dpi=130, format="png", metadata={"Description": SYNTHETIC})
