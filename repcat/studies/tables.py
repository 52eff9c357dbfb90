"""Tables of a study or of runs, ranked, from their score files."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from repcat.config.recipe import Recipe
from repcat.models.build import open_patients
from repcat.registry.parts import Parts
from repcat.runs.run import Run
from repcat.runs.saved_predictions import engine_words, step_words
from repcat.scoring.metric_info import Column
from repcat.scoring.protocols import STANDARD, protocol
from repcat.scoring.score_file import score_path
from repcat.scoring.score_table import Figures, check_scores, read_scores
from repcat.scoring.summary import MODEL
from repcat.studies import collect
from repcat.studies.collect import Scored, check_comparable, check_same_patients
from repcat.studies.ranking import Comparison, Measured, compare
from repcat.studies.spec import OWN, Place, Study
from repcat.studies.status import StudyRun


def study_tables(
    study: Study,
    place: Place,
    done: Sequence[StudyRun],
    parts: Parts,
    diverged: Mapping[str, str] = MappingProxyType({}),
) -> list[Comparison]:
    """Return a study's tables of one dataset: by its protocol, then by the honest one.

    Rows without scores keep their published figures; `diverged` says of runs how they ended, and
    each is a row of its own.
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
        scored = [_scored(one, name, by.name) for one in done]
        check_comparable(scored, parts)
        check_same_patients(scored, parts)
        if own:
            collect.check_figures(scored, study)
        metrics = [by.column(figure) for figure in (study.metrics if own else by.compared)]
        rows = _measured(scored, metrics[0])
        if own:
            rows = _with_published(rows, study, published)
            rows += [Measured(f"{run}: {how}", "diverged") for run, how in diverged.items()]
        if rows:
            told = [*notes, *_engines(scored)] + (
                apart if other and own and any(published.values()) else []
            )
            title = f"{study.title}: {of}"
            tables.append(compare(title, by.name, name, metrics, rows, told))
    return tables


def run_tables(paths: Sequence[Path], parts: Parts) -> list[Comparison]:
    """Return tables of runs that were evaluated, for each dataset and protocol that all have.

    Raises:
        DataError: where runs share no dataset or no protocol.
    """
    runs = [Run.open(path) for path in paths]
    first, *others = files = [collect.tables_of(run, parts) for run in runs]
    for run, other in zip(runs[1:], others, strict=True):
        collect.check_shared(runs[0], first, run, other)
    tables = []
    for dataset, name in (key for key in first if all(key in other for other in others)):
        scored = [
            _read(str(run.path), run, run.recipe(parts), own[dataset, name])
            for run, own in zip(runs, files, strict=True)
        ]
        check_comparable(scored, parts)
        check_same_patients(scored, parts)
        by = protocol(name, parts)
        metrics = [by.column(figure) for figure in by.compared]
        rows = _measured(scored, metrics[0])
        early = {one.name: step_words(one.run, one.record.step) for one in scored}
        told = [f"{run} is scored at {step}, not its last" for run, step in early.items() if step]
        told += _engines(scored)
        tables.append(compare(f"{len(runs)} runs", name, dataset, metrics, rows, told))
    return tables


def _engines(scored: Sequence[Scored]) -> list[str]:
    """Say which runs were not predicted by torch itself."""
    known = {one.name: engine_words(one.record.engine) for one in scored}
    return [f"{name} is predicted {words}, not eager" for name, words in known.items() if words]


def _scored(one: StudyRun, dataset: str, protocol: str) -> Scored:
    path = score_path(one.scored, dataset, protocol)
    return _read(one.name, one.run, one.recipe, path, one.variant.row.ids)


def _read(name: str, run: Run, recipe: Recipe, path: Path, ids: tuple[str, ...] = ()) -> Scored:
    return Scored(name, run, recipe, read_scores(path), check_scores(path), ids)


def _measured(scored: Sequence[Scored], first: Column) -> list[Measured]:
    """Join the seeds of each row; after the rows, the baselines that all runs have."""
    rows: dict[str, list[Scored]] = {}
    for run in scored:
        rows.setdefault(run.name, []).append(run)
    models = []
    for name, seeds in rows.items():
        figures = tuple(run.methods[MODEL] for run in seeds)
        models.append(Measured(name, "model", figures, seeds[0].ids, {}, seeds[0].budget))
    names = dict.fromkeys(m for run in scored for m in run.methods if m != MODEL)
    methods = {name: seeds[0].methods for name, seeds in rows.items()}
    return models + [_baseline(name, methods, first) for name in names]


def _baseline(method: str, rows: Mapping[str, Mapping[str, Figures]], first: Column) -> Measured:
    """Return a baseline; where rows' inputs make it differ, the best of them, saying which."""
    found = {name: methods[method] for name, methods in rows.items() if method in methods}
    one, *others = found.values()
    if all(_alike(one, other) for other in others):
        return Measured(method, "baseline", (one,))
    values = {k: [p.get(first.name, np.nan) for p in of.values()] for k, of in found.items()}
    best = (min if first.better == "down" else max)(found, key=lambda k: float(np.mean(values[k])))
    return Measured(f"{method} (best: {best})", "baseline", (found[best],))


def _alike(one: Figures, other: Figures) -> bool:
    """Whether scores are equal but for rounding: the number of threads changes the last digits."""
    if one.keys() != other.keys():
        return False
    pairs = [(v, other[p].get(k, math.nan)) for p, of in one.items() for k, v in of.items()]
    ours, theirs = np.transpose(pairs)
    return np.allclose(ours, theirs, rtol=1e-4, equal_nan=True)


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
    return len({name.lower().replace("_", "-").split("-")[0] for name in (one, other)}) == 1
