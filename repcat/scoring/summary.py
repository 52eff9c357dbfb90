"""Summary of scores: rows of patient and method, and what they come to."""

from __future__ import annotations

import math
from dataclasses import dataclass
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

    def __str__(self) -> str:
        parts = [
            f"protocol {self.protocol}",
            f"dataset {self.dataset}, split {self.split}",
            f"{self.patients} patient{'s' * (self.patients != 1)}",
            f"baselines from {self.training_patients} training patients",
            f"views at {', '.join(self.views)} degrees",
            f"window {self.window}",
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
        head, summary = self.header, {}
        for method in self.methods:
            summary[method] = {c: _plain(self.summary(method, c)) for c in self.columns}
        return {
            "protocol": head.protocol,
            "dataset": head.dataset,
            "split": head.split,
            "patients": head.patients,
            "training_patients": head.training_patients,
            "views": list(head.views),
            "window": head.window,
            "note": head.note,
            "columns": {
                c: {"heading": self.column(c).heading, "better": self.column(c).better}
                for c in self.columns
            },
            "rows": [
                {"id": r.patient, "method": r.method}
                | {k: _finite(v) for k, v in r.figures.items()}
                for r in self.rows
            ],
            "summary": summary,
            "body_psnr_difference": {
                f"model - {m}": _plain(d) for m, d in self.differences().items()
            },
        }


def _plain(interval: Interval) -> dict[str, Any]:
    named = {"mean": interval.mean, "sd": interval.sd, "low": interval.low, "high": interval.high}
    return {k: _finite(v) for k, v in named.items()} | {"n": interval.n}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
