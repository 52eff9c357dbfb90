"""Run page: volumes, X-rays, every patient's figures, training, recipe, provenance."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import tomli_w
from markupsafe import Markup

from repcat.errors import RunError
from repcat.figures.training_curves import charts
from repcat.registry.parts import Parts
from repcat.report.html.document import Document
from repcat.report.html.patient_table import patient_table
from repcat.report.html.redact import plain, short
from repcat.report.html.viewer_data import Scene
from repcat.report.pages.cohort import Cohort, open_cohort, scenes
from repcat.report.tables.formats import html_table
from repcat.runs.provenance import history
from repcat.runs.run import Run
from repcat.runs.saved_predictions import engine_words, step_words
from repcat.scoring.metric_info import column
from repcat.studies.ranking import Comparison
from repcat.studies.run_figures import course
from repcat.studies.tables import run_tables
from repcat.training.faults import faults_of, last_numbers


def run_document(
    path: Path, parts: Parts, data: Path | None = None, split: str = "test", count: int = 3
) -> Document:
    """Gather what a page shows of a run that has predictions, `count` patients with volumes."""
    cohort = open_cohort(path, parts, data, split)
    shown = scenes(cohort, count)
    values = {
        "summary": _summary(cohort),
        "scored": bool(cohort.ranking),
        "patients": patient_table(_chosen(cohort, shown), cohort.ranked(), cohort.figures, shown),
        "tables": _scores(cohort, parts),
        "charts": charts(course(cohort.opened.run)),
        "run": provenance(cohort.opened.run, parts),
    }
    about = f"{len(cohort.files)} patients of {cohort.opened.patients.name}, split {cohort.split}"
    return Document(f"Run {path.resolve().name}", about, shown, "run", values)


def provenance(run: Run, parts: Parts) -> dict[str, Any]:
    """Return what repeats a run, folders cut to their last names."""
    told = run.provenance()
    command, versions = told.get("command"), told.get("versions")
    words = map(str, command if isinstance(command, list) else [])
    known = versions if isinstance(versions, Mapping) else {}
    rows = [
        ("command", shlex.join(plain(list(words)))),
        ("device", str(told.get("device", "-"))),
        ("resumed", ", ".join(f"at step {r.get('step')}" for r in history(told)[1:]) or "never"),
        ("commit", str(told.get("commit") or "-")),
        ("dataset", f"{told.get('dataset', '-')}, hash {told.get('dataset_hash', '-')}"),
        ("versions", ", ".join(f"{k} {v}" for k, v in known.items())),
    ]
    recipe: dict[str, Any] = plain(run.recipe(parts).to_tables())
    return {"facts": rows, "recipe": tomli_w.dumps(recipe)}


def labelled(tables: Iterable[Comparison]) -> list[tuple[str, Markup]]:
    """Return each table in HTML after what a screen reader says of it."""
    return [(f"{table.title}, {table.protocol}", html_table(table)) for table in tables]


def _summary(cohort: Cohort) -> list[tuple[str, str]]:
    recipe, known = cohort.opened.recipe, cohort.opened.run.steps()
    views = ", ".join(f"{view}" for view in recipe.views)
    size = " x ".join(str(n) for n in cohort.opened.patients.geometry.voxels)
    early = step_words(cohort.opened.run, cohort.saved.step)
    engine = engine_words(cohort.saved.engine)
    rows = [
        ("Method", f"{recipe.mapper.use}, {recipe.backbone.use}, {recipe.objective.use}"),
        ("Views", f"{len(recipe.views)} at {views} degrees"),
        ("Volume", f"{size} voxels of {cohort.opened.patients.geometry.voxel_mm[0]:.3g} mm"),
        ("Training", f"{known[-1]:,} steps" if known else "no checkpoint"),
        (
            "Volumes",
            f"of step {cohort.saved.step:,}{early and ', not the last'}{engine and f', {engine}'}",
        ),
    ]
    factory = cohort.opened.parts.objectives.get(recipe.objective.use).factory
    faults = faults_of(last_numbers(cohort.opened.run.records()), factory)
    rows += [("Training says", line) for _, line in faults]
    name = cohort.ranking
    values = sorted(row[name] for row in cohort.figures.values() if name in row)
    if values:
        d, mean = column(name).digits, sum(values) / len(values)
        told = f"mean {mean:.{d}f}, from {values[0]:.{d}f} to {values[-1]:.{d}f}"
        rows.append((column(name).heading, told))
    return rows + ([("Data", cohort.opened.patients.note)] if cohort.opened.patients.note else [])


def _chosen(cohort: Cohort, shown: list[Scene]) -> str:
    chosen = f"volumes of {len(shown)} of {len(cohort.files)} patients are in this page"
    if not cohort.ranking:
        return f"Not scored yet; {chosen}, the first ones"
    return (
        f"The model's figures, patient by patient (protocols standard, faithfulness); {chosen}, "
        f"spread evenly from the best to the worst {column(cohort.ranking).heading}"
    )


def _scores(cohort: Cohort, parts: Parts) -> list[tuple[str, Markup]]:
    """Return the model beside the baselines, by every protocol that it was scored by."""
    try:
        tables = run_tables([cohort.opened.run.path], parts)
    except RunError as error:
        if error.code == "nothing-scored":
            return []
        raise
    return labelled(_named(t) for t in sorted(tables, key=lambda t: t.protocol != "standard"))


def _named(table: Comparison) -> Comparison:
    """Call the run itself the model, and cut places of others to their last names."""
    lines = (replace(x, name="model" if x.kind == "model" else short(x.name)) for x in table.lines)
    return replace(table, title="Model and baselines", lines=tuple(lines))
