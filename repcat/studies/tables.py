"""Tables of a study or of runs, ranked, from their score files."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from repcat.models.build import open_patients
from repcat.registry.parts import Parts
from repcat.runs.run import Run
from repcat.scoring.metric_info import Column
from repcat.scoring.protocols import STANDARD, Protocol, protocol
from repcat.scoring.score_file import Figures, read_scores, score_path
from repcat.scoring.summary import MODEL
from repcat.studies.collect import (
    Scored,
    budget_of,
    check_comparable,
    check_figures,
    check_shared,
    tables_of,
)
from repcat.studies.ranking import Comparison, Measured, compare
from repcat.studies.spec import OWN, Place, Study
from repcat.studies.status import StudyRun


def study_tables(
    study: Study, place: Place, done: Sequence[StudyRun], parts: Parts
) -> list[Comparison]:
    """Return a study's tables of one dataset: by its protocol, then by the honest one.

    Rows without scores keep their published figures.
    """
    patients = open_patients(done[0].recipe, parts, place.path) if done else None
    name = patients.name if patients else place.name
    notes = [patients.note] if patients and patients.note else []
    published = {row.name: dict(row.published.get(place.name, {})) for row in study.rows}
    other = patients is not None and not _same_name(name, place.name)
    of = f"{name} (in place of {place.name})" if other and place.name != OWN else name
    apart = [f"published figures are of {place.name}, ours of {name}: not comparable"]
    tables = []
    for by in (protocol(n, parts) for n in dict.fromkeys((study.protocol, STANDARD))):
        own = by.name == study.protocol
        scored = [_scored(one, name, by.name, parts) for one in done]
        check_comparable(scored, parts)
        if own:
            check_figures(scored, study)
        metrics = _columns(by, study.metrics if own else by.compared)
        rows = _measured(scored, metrics[0])
        if own:
            rows = _with_published(rows, study, published)
        if rows:
            told = notes + (apart if other and own and any(published.values()) else [])
            title = f"{study.title}: {of}"
            tables.append(compare(title, by.name, name, metrics, rows, told))
    return tables


def run_tables(paths: Sequence[Path], parts: Parts) -> list[Comparison]:
    """Return tables of runs that were evaluated, for each dataset and protocol that all have.

    Raises:
        DataError: where runs share no dataset or no protocol.
    """
    runs = [Run.open(path) for path in paths]
    files = {run.path: tables_of(run, parts) for run in runs}
    first, *others = runs
    shared = dict.fromkeys(files[first.path])
    for other in others:
        check_shared(first, other, files)
        shared = {k: None for k in shared if k in files[other.path]}
    tables = []
    for dataset, name in shared:
        scored = [_scored_run(r, files[r.path][dataset, name], parts) for r in runs]
        check_comparable(scored, parts)
        by = protocol(name, parts)
        metrics = _columns(by, by.compared)
        rows = _measured(scored, metrics[0])
        tables.append(compare(f"{len(runs)} runs", name, dataset, metrics, rows))
    return tables


def _columns(by: Protocol, figures: Iterable[str]) -> list[Column]:
    return [by.column(figure) for figure in figures]


def _scored(one: StudyRun, dataset: str, protocol: str, parts: Parts) -> Scored:
    path = score_path(one.scored, dataset, protocol)
    budget = budget_of(one.run, one.step, one.recipe)
    return Scored(one.name, one.run, one.recipe, read_scores(path), one.variant.row.ids, budget)


def _scored_run(run: Run, table: Path, parts: Parts) -> Scored:
    recipe = run.recipe(parts)
    budget = budget_of(run, None, recipe)
    return Scored(str(run.path), run, recipe, read_scores(table), (), budget)


def _measured(scored: Sequence[Scored], first: Column) -> list[Measured]:
    """Join the seeds of each row; after the rows, the baselines that all runs have."""
    rows: dict[str, list[Scored]] = {}
    for run in scored:
        rows.setdefault(run.name, []).append(run)
    models = [
        Measured(
            name,
            "model",
            tuple(r.methods[MODEL] for r in seeds),
            seeds[0].ids,
            budget=seeds[0].budget,
        )
        for name, seeds in rows.items()
    ]
    names = dict.fromkeys(m for run in scored for m in run.methods if m != MODEL)
    return models + [b for name in names for b in _baseline(name, rows, first)]


def _baseline(
    method: str, rows: Mapping[str, Sequence[Scored]], first: Column
) -> Iterable[Measured]:
    """Yield a baseline once; where rows' inputs make it differ, the best of them, saying which."""
    found = {
        name: seeds[0].methods[method] for name, seeds in rows.items() if method in seeds[0].methods
    }
    one, *others = found.values()
    if all(_alike(one, other) for other in others):
        yield Measured(method, "baseline", (one,))
        return
    sign = -1 if first.better == "down" else 1

    def worth(name: str) -> float:
        return sign * float(np.mean([p.get(first.name, np.nan) for p in found[name].values()]))

    best = max(found, key=worth)
    yield Measured(f"{method} (best: {best})", "baseline", (found[best],))


def _alike(one: Figures, other: Figures) -> bool:
    """Whether scores are equal but for rounding: the number of threads changes the last digits."""
    return one.keys() == other.keys() and all(
        np.allclose(
            [of[name] for name in of],
            [other[patient].get(name, math.nan) for name in of],
            rtol=1e-4,
            equal_nan=True,
        )
        for patient, of in one.items()
    )


def _with_published(
    rows: Sequence[Measured], study: Study, published: Mapping[str, Mapping[str, float]]
) -> list[Measured]:
    """Put published figures beside their rows, in the study's order; every baseline after them."""
    models = [row for row in rows if row.kind == "model"]
    found: list[Measured] = []
    for row in study.rows:
        own = [m for m in models if m.name == row.name or m.name.startswith(f"{row.name}, step ")]
        paper = published[row.name]
        if not own and paper:
            found.append(Measured(row.name, "published", (), row.ids, paper))
        # a curve over steps ends at the step that the paper's figure is of
        found += [replace(m, published=paper if m is own[-1] else {}) for m in own]
    return found + [row for row in rows if row.kind == "baseline"]


def _same_name(one: str, other: str) -> bool:
    plain = [n.lower().replace("_", "-").split("-")[0] for n in (one, other)]
    return plain[0] == plain[1]
