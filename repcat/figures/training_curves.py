"""Training curves: what runs logged, drawn as PNG for a file and as SVG for a page."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repcat.io.atomic import atomic_file
from repcat.io.notice import SYNTHETIC

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Of a machine, not of a training.
LEFT_OUT = ("step", "seconds", "samples_per_s", "memory_gb")
Records = Sequence[Mapping[str, Any]]
Course = list[tuple[int, float]]
# The same bytes each time, letters as outlines, no more points than a chart can show.
REPRODUCIBLE = {"svg.hashsalt": "repcat", "svg.fonttype": "path", "path.simplify_threshold": 1.0}


@dataclass(frozen=True, slots=True)
class Chart:
    """A course as SVG without a background, its caption, and what it shows in words."""

    svg: bytes
    caption: str
    words: str


def courses(records: Records) -> dict[str, Course]:
    """Gather each logged quantity of one run: (step, value), oldest first.

    A record that does not say its step, or a value that is no number, is left out.
    """
    found: dict[str, Course] = {}
    for record in records:
        step = record.get("step")
        if not isinstance(step, int) or not _fits(step):
            continue
        for name, value in record.items():
            if name not in LEFT_OUT and isinstance(value, int | float) and _fits(value):
                found.setdefault(name, []).append((step, float(value)))
    return found


def _fits(value: float) -> bool:
    """Whether a number can be drawn; a whole number of JSON may have any length."""
    return isinstance(value, float) or abs(value) < 2**63


def draw(path: Path, runs: Mapping[str, Mapping[str, Course]]) -> None:
    """Draw every quantity that any of the runs has as one PNG, a panel a quantity, a line a run."""
    from matplotlib.figure import Figure

    names = _scores_first(name for run in runs.values() for name in run)
    columns = min(3, len(names))
    rows = -(-len(names) // columns)
    figure = Figure(figsize=(3.4 * columns, 2.6 * rows + 0.5))
    axes = figure.subplots(
        rows, columns, squeeze=False, gridspec_kw=_margins(rows, columns)
    ).ravel()
    for axis in axes[len(names) :]:
        axis.axis("off")
    for axis, name in zip(axes, names, strict=False):
        _plot(axis, {run: _finite(found.get(name, ())) for run, found in runs.items()})
        # y: else each title is put above ticks at the top, of which there are none
        axis.set_title(name.replace("_", " "), y=1.0, fontsize=9, parse_math=False)
    if len(runs) > 1:
        axes[0].legend(fontsize=7)
    figure.suptitle(SYNTHETIC, fontsize=8)
    with atomic_file(path) as file:
        figure.savefig(file, dpi=130, format="png", metadata={"Description": SYNTHETIC})


def _margins(rows: int, columns: int) -> dict[str, float]:
    """Return the places of panels, by inches around them; measuring every label took a second."""
    width, height = 3.4 * columns, 2.6 * rows + 0.5
    left, right, top, bottom, between, above = 0.55, 0.1, 0.6, 0.45, 0.55, 0.7
    panel = (width - left - right - between * (columns - 1)) / columns
    tall = (height - top - bottom - above * (rows - 1)) / rows
    return {
        "left": left / width,
        "right": 1 - right / width,
        "top": 1 - top / height,
        "bottom": bottom / height,
        "wspace": between / panel,
        "hspace": above / tall,
    }


def charts(found: Mapping[str, Course]) -> list[Chart]:
    """Draw each course of one run as SVG; one without a finite value is left out."""
    kept = [(name, _finite(found[name])) for name in _scores_first(found)]
    return [_chart(name.replace("_", " "), course) for name, course in kept if course]


def _chart(title: str, course: Course) -> Chart:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    (first, began), (last, ended) = course[0], course[-1]
    words = f"{title}: {began:.4g} at step {first}, {ended:.4g} at step {last}"
    told = {"Title": words, "Description": SYNTHETIC, "Date": None}
    file = io.BytesIO()
    with rc_context(REPRODUCIBLE):
        figure = Figure(figsize=(2.9, 1.9))
        axis = figure.add_axes((0.17, 0.2, 0.8, 0.75))
        _plot(axis, {title: course})
        figure.savefig(file, format="svg", transparent=True, metadata=told)
    scale = " (log scale)" if axis.get_yscale() == "log" else ""
    return Chart(file.getvalue(), f"{title}{scale}: {ended:.4g}", words)


def _plot(axis: Axes, runs: Mapping[str, Course]) -> None:
    """Draw one quantity; logarithmic where its values span more than a decade."""
    for run, course in runs.items():
        steps, values = [s for s, _ in course], [v for _, v in course]
        axis.plot(steps, values, lw=1, marker="o" if len(course) < 40 else None, ms=2.5, label=run)
    every = [v for course in runs.values() for _, v in course]
    if every and max(every) > 10 * min(every) > 0:
        axis.set_yscale("log")
    axis.locator_params(axis="x", integer=True, min_n_ticks=1)
    axis.set_xlabel("step", fontsize=8)
    axis.tick_params(which="both", labelsize=7)


def _finite(course: Iterable[tuple[int, float]]) -> Course:
    return [(step, value) for step, value in course if math.isfinite(value)]


def _scores_first(names: Iterable[str]) -> list[str]:
    scores = ("validation", "convergence")
    return sorted(dict.fromkeys(names), key=lambda name: not name.startswith(scores))
