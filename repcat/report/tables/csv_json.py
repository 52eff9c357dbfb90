"""Comparisons as CSV and JSON, unrounded."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from repcat.scoring.intervals import Interval
from repcat.scoring.summary import finite
from repcat.studies.ranking import Comparison


def csv_text(tables: Sequence[Comparison]) -> str:
    """Write one record for each table, row and figure, unrounded."""
    file = io.StringIO()
    records = [r for table in tables for r in _records(table)]
    names = list(dict.fromkeys(k for record in records for k in record))
    writer = csv.DictWriter(file, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return file.getvalue()


def json_text(tables: Sequence[Comparison]) -> str:
    """Write every table with its records; null where nothing is finite."""
    heads = ("title", "protocol", "dataset", "patients", "notes")
    found = [
        {name: getattr(table, name) for name in heads}
        | {"records": [finite(record) for record in _records(table)]}
        for table in tables
    ]
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _records(table: Comparison) -> Iterator[dict[str, Any]]:
    for line in table.lines:
        for figure in (column.name for column in table.metrics):
            cell = line.cells.get(figure)
            silent = cell is None and figure not in line.published
            if silent and line.kind != "diverged":
                continue
            yield {
                "protocol": table.protocol,
                "dataset": table.dataset,
                "row": line.name,
                "ids": " ".join(line.ids),
                "kind": line.kind,
                "seeds": len(line.seeds),
                "updates": line.budget.updates if line.budget else None,
                "samples": line.budget.samples if line.budget else None,
                "patients": table.patients,
                "figure": figure,
                "mean": cell.mean if cell else None,
                "sd": cell.sd if cell else None,
                "sd_over": "seeds" if len(line.seeds) > 1 else "patients",
                "place": cell.place or None if cell else None,
                **_difference(cell.lead if cell else None),
                "published": line.published.get(figure),
            }


def _difference(lead: Interval | None) -> dict[str, float | None]:
    """Return a difference and its interval, None where there are too few patients for one."""
    low, high = (lead.low, lead.high) if lead and not lead.is_range else (None, None)
    return {"to_best": lead.mean if lead else None, "to_best_low": low, "to_best_high": high}
