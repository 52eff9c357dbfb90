"""What an item of the paper last came to here."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from repcat.coverage import Item, study_rows


def as_dicts(items: Sequence[Item], folder: Path, runs: Path) -> list[dict[str, Any]]:
    """Return every item as plain values, with its last result."""
    return [
        {
            "id": i.id,
            "what": i.what,
            "state": i.state,
            "where": i.where,
            "rows": list(i.rows),
            "how": i.how or i.planned,
            "test": i.test,
            "last": last_result(i, folder, runs),
        }
        for i in items
    ]


def last_result(item: Item, folder: Path, runs: Path) -> str:
    """Return the newest figure of an item under `runs`, mean over patients; empty if none.

    A row's from runs/studies/<study>/<row>/, a recipe's from runs/<recipe>/, a command's from any.
    """
    tables = [
        t for place in _places(item, folder, runs) for t in place.rglob(f"*.{item.measure}.csv")
    ]
    for table in sorted(tables, key=lambda t: t.stat().st_mtime, reverse=True):
        values = _model(table, item.figure)
        if values:
            mean = sum(values) / len(values)
            return f"{item.figure} {mean:.4g} ({len(values)} of {table.name.split('.')[0]})"
    return ""


def _places(item: Item, folder: Path, runs: Path) -> list[Path]:
    if item.command:
        return [runs] if item.measure != "standard" else []
    if item.recipe:
        return [runs / Path(item.recipe).stem]
    rows = study_rows(folder / "studies")[item.id]
    return [runs / "studies" / study / row.folder for study, row in rows]


def _model(table: Path, figure: str) -> list[float]:
    """Return the model's figures; of a table of cases (steps, poses) the last case's."""
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    methods = [row["method"] for row in rows]
    wanted = "model" if "model" in methods else methods[-1] if methods else ""
    return [float(r[figure]) for r in rows if r["method"] == wanted and figure in r]
