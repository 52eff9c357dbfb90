"""Scatter plot: runs as points, PSNR against SSIM (Fig. 7)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from repcat.io.atomic import atomic_file
from repcat.io.notice import SYNTHETIC
from repcat.scoring.intervals import Interval
from repcat.scoring.metric_info import Column

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Fig. 7 marks a plain transpose by a star and coarse alignment, a 3D rotation, by a triangle.
MARKERS = {"transpose": "*", "rotate": "^"}
OTHER_MARKERS = "osDPXv<>"


@dataclass(frozen=True, slots=True)
class Point:
    """A run's scores on one dataset; `outside` where the model was trained on another."""

    run: str
    dataset: str
    views: int
    align: str
    outside: bool
    x: Interval
    y: Interval


def draw(path: Path, points: Sequence[Point], x: Column, y: Column, title: str) -> None:
    """Draw each point with the 95 % intervals of both means, where there are patients enough.

    Colour: number of views. Marker: alignment, a star for 'transpose' and a triangle for 'rotate',
    as in Fig. 7. Paler: a dataset that the model was not trained on.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.8), layout="constrained")
    axis = figure.subplots()
    counts = sorted({p.views for p in points})
    markers = _markers(points)
    for p in points:
        axis.errorbar(
            p.x.mean,
            p.y.mean,
            xerr=_reach(p.x),
            yerr=_reach(p.y),
            color=f"C{counts.index(p.views)}",
            marker=markers[p.align],
            markersize=12 if markers[p.align] == "*" else 8,
            alpha=0.4 if p.outside else 1.0,
            elinewidth=0.8,
            linestyle="none",
        )
        name, at = f"{p.run}, {p.dataset}" if p.outside else p.run, (p.x.mean, p.y.mean)
        axis.annotate(name, at, xytext=(6, 5), textcoords="offset points", fontsize=7)
    axis.set_xlabel(x.arrow)
    axis.set_ylabel(y.arrow)
    axis.set_title(f"{title}\n{SYNTHETIC}", fontsize=9)
    _legend(axis, counts, markers, any(p.outside for p in points))
    with atomic_file(path) as file:
        figure.savefig(file, dpi=130, format="png", metadata={"Description": SYNTHETIC})


def _markers(points: Sequence[Point]) -> dict[str, str]:
    found = dict(MARKERS)
    for p in points:
        if p.align not in found:
            found[p.align] = OTHER_MARKERS[(len(found) - len(MARKERS)) % len(OTHER_MARKERS)]
    return {k: v for k, v in found.items() if any(p.align == k for p in points)}


def _legend(axis: Axes, counts: Sequence[int], markers: dict[str, str], outside: bool) -> None:
    from matplotlib.lines import Line2D

    views = {f"{n} view{'s' * (n != 1)}": f"C{k}" for k, n in enumerate(counts)}
    sign = partial(Line2D, [], [], ls="")
    kinds = [sign(color=colour, marker="o", label=name) for name, colour in views.items()]
    kinds += [sign(color="grey", marker=m, label=name) for name, m in markers.items()]
    if outside:
        kinds.append(sign(color="grey", marker="o", alpha=0.4, label="another dataset"))
    axis.legend(handles=kinds, fontsize=7)


def _reach(interval: Interval) -> list[list[float]]:
    if interval.is_range:
        return [[math.nan], [math.nan]]
    return [[interval.mean - interval.low], [interval.high - interval.mean]]
