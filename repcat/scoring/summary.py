"""Summary of scores: rows of patient and method, and what they come to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from repcat.scoring.intervals import Interval, bootstrap, paired
from repcat.scoring.metric_info import Column, column
from repcat.scoring.protocols import Protocol

MODEL = "model"


@dataclass(frozen=True, slots=True)
class Row:
    """What one method scored on one patient."""

    patient: str
    method: str
    figures: dict[str, float]


@dataclass(frozen=True, slots=True)
class Header:
    """What a table of scores is about, said above it; `window` in the protocol's words."""

    protocol: str
    dataset: str
    split: str
    patients: int
    training_patients: int
    views: tuple[str, ...]
    window: str
    note: str = ""
    step: int | None = None

    def __str__(self) -> str:
        parts = [
            f"protocol {self.protocol}",
            f"dataset {self.dataset}, split {self.split}",
            f"{self.patients} patient{'s' * (self.patients != 1)}",
            f"baselines from {self.training_patients} training patients",
            f"views at {', '.join(self.views)} degrees",
            f"window {self.window}",
            *([f"step {self.step}"] if self.step is not None else []),
        ]
        return " · ".join([*parts, *([self.note] if self.note else [])])


@dataclass(frozen=True)
class Scores:
    """A table: its header, one row for each patient and method, the protocol that made it."""

    header: Header
    rows: tuple[Row, ...]
    by: Protocol | None = None

    def column(self, figure: str) -> Column:
        """Return the column of a figure."""
        return self.by.column(figure) if self.by else column(figure)

    @property
    def methods(self) -> list[str]:
        """Return the methods in the order in which they came."""
        return list(dict.fromkeys(row.method for row in self.rows))

    @property
    def columns(self) -> list[str]:
        """Return the figures in the order in which they came."""
        return list(dict.fromkeys(name for row in self.rows for name in row.figures))

    def values(self, method: str, figure: str) -> list[float]:
        """Return a method's figure, patient by patient, always in the same order."""
        return [row.figures[figure] for row in self.rows if row.method == method]

    def summary(self, method: str, figure: str) -> Interval:
        """Return mean, deviation and 95 % interval of a method's figure."""
        return bootstrap(self.values(method, figure))

    def difference(self, figure: str, ours: str, theirs: str) -> Interval:
        """Return the paired difference of two methods, ours minus theirs."""
        return paired(self.values(ours, figure), self.values(theirs, figure))

    def differences(self) -> dict[str, Interval]:
        """Return the model's lead over every other method that is not an oracle, by body PSNR.

        Empty where the protocol has no body or there is no model.
        """
        if MODEL not in self.methods or "body_psnr" not in self.columns:
            return {}
        others = [m for m in self.methods if m != MODEL and "oracle" not in m]
        return {m: self.difference("body_psnr", MODEL, m) for m in others}

    def to_dict(self) -> dict[str, Any]:
        """Return header, rows, summary and differences for JSON; null where nothing is finite."""
        columns = {name: self.column(name) for name in self.columns}
        leads = {f"model - {m}": finite(asdict(d)) for m, d in self.differences().items()}
        return {
            **asdict(self.header),
            "columns": {k: {"heading": c.heading, "better": c.better} for k, c in columns.items()},
            "rows": [
                {"id": row.patient, "method": row.method, **finite(row.figures)}
                for row in self.rows
            ],
            "summary": {
                method: {c: finite(asdict(self.summary(method, c))) for c in columns}
                for method in self.methods
            },
            "body_psnr_difference": leads,
        }


def finite(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record for JSON: null for a number that is not finite."""
    odd = {k: None for k, v in record.items() if isinstance(v, float) and not math.isfinite(v)}
    return {**record, **odd}
