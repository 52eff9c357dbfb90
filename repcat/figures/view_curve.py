"""View curve: a figure over the number of X-rays, for each way in which they are spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from repcat.io.atomic import atomic_file
from repcat.io.notice import SYNTHETIC
from repcat.scoring.intervals import Interval
from repcat.scoring.metric_info import Column

LINE = ("frontal", "even")  # what a line joins: one frontal X-ray, then more over half a turn
MARKERS = "osDPXv<>^*"


@dataclass(frozen=True, slots=True)
class ViewPoint:
    """A figure from some views: how many there are, how they are spread, and its interval."""

    count: int
    pattern: str
    value: Interval


def draw(path: Path, runs: Mapping[str, Sequence[ViewPoint]], column: Column) -> None:
    """Draw a line a run over frontal and even views, with intervals, and its other sets beside."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    axis = figure.subplots()
    others = sorted({p.pattern for points in runs.values() for p in points} - {*LINE})
    for number, (name, points) in enumerate(runs.items()):
        colour = f"C{number}"
        line = sorted((p for p in points if p.pattern in LINE), key=lambda p: p.count)
        counts, means = [p.count for p in line], [p.value.mean for p in line]
        low, high = [p.value.low for p in line], [p.value.high for p in line]
        axis.plot(counts, means, color=colour, marker="o", label=f"{name}, even")
        axis.fill_between(counts, low, high, color=colour, alpha=0.15)
        for marker, pattern in zip(MARKERS[1:], others, strict=False):
            at = [(p.count, p.value.mean) for p in points if p.pattern == pattern]
            if at:
                label = pattern if number == 0 else None
                axis.plot(*zip(*at, strict=True), marker, color=colour, alpha=0.6, label=label)
    axis.set_xlabel("X-rays")
    axis.set_ylabel(column.arrow)
    axis.set_title(f"one model, any number of X-rays\n{SYNTHETIC}", fontsize=9)
    axis.legend(fontsize=7)
    with atomic_file(path) as file:
        figure.savefig(file, dpi=130, format="png", metadata={"Description": SYNTHETIC})
