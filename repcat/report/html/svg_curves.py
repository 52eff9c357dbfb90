"""Courses of training as inline SVG: coloured by the page's own style, readable without colour."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from repcat.figures.training_curves import Course
from repcat.report.html.markup import Html, element

WIDTH, HEIGHT = 330, 210
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 12, 34
POINTS = 400  # more than a chart of this width can show


def charts(courses: Mapping[str, Course]) -> Html:
    """Draw each course, scores first; a course without a finite value is left out."""
    found = {k: [(s, v) for s, v in c if math.isfinite(v)] for k, c in courses.items()}
    ordered = sorted(found, key=lambda k: not k.startswith(("validation", "convergence")))
    drawn = [chart(name, found[name]) for name in ordered if found[name]]
    return element("div", *drawn, class_="charts")


def chart(name: str, course: Course) -> Html:
    """Draw one course (step, value); logarithmic where values span more than a decade."""
    thin = course[:: max(1, len(course) // POINTS)]
    thin = thin if thin[-1] == course[-1] else [*thin, course[-1]]
    values = [v for _, v in thin]
    log = min(values) > 0 and max(values) > 10 * min(values)
    high = _axis([math.log10(v) for v in values] if log else values)
    wide = _axis([float(s) for s, _ in thin])
    points = [_place(s, math.log10(v) if log else v, wide, high) for s, v in thin]
    title = name.replace("_", " ")
    last = f"{title}: {values[0]:.4g} at step {thin[0][0]}, {values[-1]:.4g} at step {thin[-1][0]}"
    drawn = element(
        "svg",
        element("title", last),
        *_frame(wide, high, log),
        element("polyline", points=" ".join(points), class_="line"),
        *(_dot(p) for p in (points if len(points) < 30 else points[-1:])),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=last,
    )
    said = f"{title}{' (log scale)' if log else ''}: {values[-1]:.4g}"
    return element("figure", drawn, element("figcaption", said), class_="chart")


def _axis(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = (high - low) * 0.05 or abs(high) * 0.1 or 1.0
    return low - room, high + room


def _place(step: float, value: float, wide: tuple[float, float], high: tuple[float, float]) -> str:
    x = LEFT + (step - wide[0]) / (wide[1] - wide[0]) * (WIDTH - LEFT - RIGHT)
    y = HEIGHT - BOTTOM - (value - high[0]) / (high[1] - high[0]) * (HEIGHT - TOP - BOTTOM)
    return f"{x:.1f},{y:.1f}"


def _frame(wide: tuple[float, float], high: tuple[float, float], log: bool) -> list[Html]:
    """Draw gridlines with their figures, and the axis of steps."""
    drawn = []
    for part in (0.1, 0.5, 0.9):
        value = high[0] + part * (high[1] - high[0])
        _, y = _place(wide[0], value, wide, high).split(",")
        drawn.append(element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="grid"))
        shown = 10**value if log else value
        drawn.append(element("text", f"{shown:.3g}", x=LEFT - 6, y=float(y) + 4, text_anchor="end"))
        step = wide[0] + part * (wide[1] - wide[0])
        x, _ = _place(step, high[0], wide, high).split(",")
        drawn.append(
            element("text", f"{step:.0f}", x=x, y=HEIGHT - BOTTOM + 15, text_anchor="middle")
        )
    base = HEIGHT - BOTTOM
    drawn.append(element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=base, y2=base, class_="axis"))
    drawn.append(element("text", "step", x=WIDTH - RIGHT, y=HEIGHT - 4, text_anchor="end"))
    return drawn


def _dot(point: str) -> Html:
    x, y = point.split(",")
    return element("circle", cx=x, cy=y, r=2.5, class_="dot")
