"""A table of patients that sorts by any of its figures and chooses whom the viewer shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from repcat.report.html.viewer_data import Scene
from repcat.scoring.metric_info import column

Figures = Mapping[str, Mapping[str, float]]
WAYS = {"up": "higher is better", "down": "lower is better", "?": ""}


def patient_table(
    caption: str, ids: Sequence[str], figures: Figures, scenes: Sequence[Scene]
) -> dict[str, Any]:
    """Return caption, heads and a row for each patient: id, its scene if there is one, figures.

    `figures` maps a patient to figures by name. A cell is what is shown and what it sorts by, which
    is not rounded.
    """
    names = list(dict.fromkeys(name for row in figures.values() for name in row))
    places = {scene.name: n for n, scene in enumerate(scenes)}
    return {
        "caption": caption,
        "heads": [(column(name).arrow, WAYS[column(name).better]) for name in names],
        "rows": [
            (i, places.get(i), [_cell(figures.get(i, {}).get(name), name) for name in names])
            for i in ids
        ],
    }


def _cell(value: float | None, name: str) -> tuple[str, float | None]:
    if value is None or math.isnan(value):
        return "-", None
    figure = column(name)
    if math.isfinite(value):
        return f"{value:.{figure.digits}f}", value
    return "no error" if figure.better == "up" else "beyond scale", value
