"""A table of patients that sorts by any of its figures and chooses whom the viewer shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from repcat.report.html.markup import Html, element
from repcat.report.html.viewer_data import Scene
from repcat.scoring.metric_info import Column, column

Figures = Mapping[str, Mapping[str, float]]


def patient_table(
    caption: str, ids: Sequence[str], figures: Figures, scenes: Sequence[Scene]
) -> Html:
    """Write a row for each patient: id, a button where the page holds the volume, figures.

    `figures` maps a patient to figures by name. Cells carry the unrounded value to sort by.
    """
    names = list(dict.fromkeys(name for row in figures.values() for name in row))
    places = {scene.name: n for n, scene in enumerate(scenes)}
    heads = [_head("patient", ""), element("th", "viewer", scope="col")]
    heads += [_head(column(name).arrow, _words(column(name))) for name in names]
    rows = (
        element("tr", element("th", i, scope="row", data_value=i), _button(places.get(i)),
                *(_cell(figures.get(i, {}).get(name), name) for name in names))
        for i in ids
    )  # fmt: skip
    table = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *heads)),
        element("tbody", *rows),
        class_="sortable",
    )
    return element("div", table, class_="wide", tabindex=0, role="region", aria_label=caption)


def _head(label: str, words: str) -> Html:
    button = element("button", label, type="button", class_="sort", title=words or None)
    return element("th", button, scope="col", aria_sort="none")


def _words(figure: Column) -> str:
    return {"up": "higher is better", "down": "lower is better", "?": ""}[figure.better]


def _button(place: int | None) -> Html:
    if place is None:
        return element("td", "not in this page", class_="absent")
    button = element("button", "show", type="button", data_show=place, aria_pressed="false")
    return element("td", button)


def _cell(value: float | None, name: str) -> Html:
    if value is None or math.isnan(value):
        return element("td", "-")
    figure = column(name)
    shown = f"{value:.{figure.digits}f}"
    if not math.isfinite(value):
        shown = "no error" if figure.better == "up" else "beyond scale"
    return element("td", shown, data_value=str(value))
