"""Ranking of rows: means, deviations, who leads and how surely."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from repcat.errors import DataError
from repcat.scoring.intervals import Interval, paired_over_seeds
from repcat.scoring.metric_info import Column
from repcat.scoring.score_table import Figures

Kind = Literal["model", "baseline", "published", "diverged"]


@dataclass(frozen=True, slots=True)
class Budget:
    """What a training cost: updates of the model's weights, and patients drawn by all players."""

    updates: int
    samples: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What a row scored: for each seed, patient to figure to value; none where only published.

    `cells` are filled in where the row is ranked.
    """

    name: str
    kind: Kind
    seeds: tuple[Figures, ...] = ()
    ids: tuple[str, ...] = ()
    published: Mapping[str, float] = field(default_factory=dict)
    budget: Budget | None = None
    cells: Mapping[str, Cell] = field(default_factory=dict)

    def per_patient(self, figure: str) -> dict[str, float]:
        """Return each patient's figure, a mean over seeds."""
        patients = self.seeds[0] if self.seeds else {}
        return {p: float(np.mean([seed[p][figure] for seed in self.seeds])) for p in patients}

    def by_seed(self, figure: str, like: Measured) -> list[list[float]]:
        """Return the figure as (seeds, patients), in another row's order of patients."""
        return [[seed[p][figure] for p in like.seeds[0]] for seed in self.seeds]


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of a row: mean; deviation over seeds, or over patients where there is one seed.

    `place` is 1 for the best model, 2 for the second, else 0. `lead` is the paired interval
    of this row minus the best, over patients and, where there are several, seeds; the best has
    none.
    """

    mean: float
    sd: float
    place: int = 0
    lead: Interval | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A ranked table and what is said about it."""

    title: str
    protocol: str
    dataset: str
    patients: int
    metrics: tuple[Column, ...]
    lines: tuple[Measured, ...]
    notes: tuple[str, ...] = ()

    @property
    def published(self) -> tuple[Column, ...]:
        """The figures that were published of any row."""
        printed = {name for line in self.lines for name in line.published}
        return tuple(m for m in self.metrics if m.name in printed)

    @property
    def budgets(self) -> tuple[Budget, ...]:
        """The different budgets of the rows that were trained; one where all had the same."""
        return tuple(dict.fromkeys(line.budget for line in self.lines if line.budget))

    @property
    def over(self) -> str:
        """What deviations are over."""
        return "seeds" if any(len(line.seeds) > 1 for line in self.lines) else "patients"


def compare(
    title: str,
    protocol: str,
    dataset: str,
    metrics: Sequence[Column],
    rows: Sequence[Measured],
    notes: Sequence[str] = (),
) -> Comparison:
    """Rank the models of one table, figure by figure; baselines and papers are not ranked.

    Raises:
        DataError: where two rows were not scored on the same patients.
    """
    scored = [row for row in rows if row.seeds]
    _check_same_patients(scored)
    shown = [m for m in metrics if any(_has(r, m.name) or m.name in r.published for r in rows)]
    by_figure = {m.name: _cells(m, [r for r in scored if _has(r, m.name)]) for m in shown}
    lines = []
    for row in rows:
        own = {name: cells[row.name] for name, cells in by_figure.items() if row.name in cells}
        paper = {name: row.published[name] for name in by_figure if name in row.published}
        lines.append(replace(row, cells=own, published=paper))
    patients = len(scored[0].seeds[0]) if scored else 0
    return Comparison(title, protocol, dataset, patients, tuple(shown), tuple(lines), tuple(notes))


def _cells(column: Column, rows: Sequence[Measured]) -> dict[str, Cell]:
    figure = column.name
    values = {row.name: row.per_patient(figure) for row in rows}
    means = {name: float(np.mean(list(v.values()))) for name, v in values.items()}
    models = {row.name: means[row.name] for row in rows if row.kind == "model"}
    order = _ranked(models, column)
    places = {name: n for n, name in enumerate(order[:2], start=1)} if len(order) > 1 else {}
    cells, by_name = {}, {row.name: row for row in rows}
    for row in rows:
        ours, lead = values[row.name], None
        if order and row.name != order[0]:
            best = by_name[order[0]]
            lead = paired_over_seeds(row.by_seed(figure, best), best.by_seed(figure, best))
        sd = _deviation(row, figure, list(ours.values()))
        cells[row.name] = Cell(means[row.name], sd, places.get(row.name, 0), lead)
    return cells


def _ranked(means: Mapping[str, float], column: Column) -> list[str]:
    """Return the names, best first; none where no direction is better."""
    better = column.better
    known = {name: mean for name, mean in means.items() if not math.isnan(mean)}
    return [] if better == "?" else sorted(known, key=known.__getitem__, reverse=better == "up")


def _deviation(row: Measured, figure: str, patients: Sequence[float]) -> float:
    means = [float(np.mean([p[figure] for p in seed.values()])) for seed in row.seeds]
    of = means if len(means) > 1 else patients
    return float(np.std(of, ddof=1)) if len(of) > 1 and np.isfinite(of).all() else math.nan


def _has(row: Measured, figure: str) -> bool:
    return bool(row.seeds) and all(figure in p for seed in row.seeds for p in seed.values())


def _check_same_patients(rows: Sequence[Measured]) -> None:
    for row in rows:
        for seed in row.seeds:
            if odd := sorted(rows[0].seeds[0].keys() ^ seed.keys()):
                msg = (
                    f"{rows[0].name!r} and {row.name!r} were not scored on the same patients "
                    f"({odd[0]} is in one alone); predict and evaluate both again on one split"
                )
                raise DataError(msg, code="other-patients")
