"""Study page: its tables, how far each row is, and how it was trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from repcat.errors import RunError
from repcat.figures.training_curves import charts
from repcat.registry.parts import Parts
from repcat.report.html.document import Document
from repcat.report.html.redact import short
from repcat.report.pages.run import labelled, provenance
from repcat.studies.run_figures import course
from repcat.studies.runner import Plan
from repcat.studies.status import Stage, StudyRun


def study_document(plan: Plan, folder: Path) -> Document:
    """Gather what a page shows of a study whose runs lie in `folder`.

    Raises:
        RunError: when no row is scored, with the command that brings it on.
    """
    file = plan.study.file
    behind = {(one.run.path, one.step): stage for one, _, stage in plan.missing()}
    stages = [_stage(one, behind.get((one.run.path, one.step), "scored")) for one in plan.runs]
    if "scored" not in stages:
        msg = f"no row of {file} is scored in {folder}; run: repcat compare {file} --train"
        msg += f" --out {folder}" if folder != default_folder(file) else ""
        raise RunError(msg, code="nothing-scored")
    rows = [_row(one, plan.parts, stage) for one, stage in zip(plan.runs, stages, strict=True)]
    scored = f"{stages.count('scored')} of them scored"
    about = f"{len(plan.runs)} runs, {scored}; protocol {plan.study.protocol}"
    values = {"tables": labelled(plan.tables()), "rows": rows}
    return Document(plan.study.title, about, (), "study", values)


def _stage(one: StudyRun, known: Stage) -> str:
    return str(one.divergence or known)


def default_folder(file: Path) -> Path:
    """Return where `repcat compare` puts the runs of a study."""
    return Path("runs") / "studies" / file.stem


def _row(one: StudyRun, parts: Parts, stage: str) -> tuple[str, dict[str, Any]]:
    """Return how far a row is, and once it is begun its training and recipe."""
    title = f"{one.name}, seed {one.seed}: {stage}"
    if not one.run.recipe_file.is_file():
        return title, {}
    facts = [("run", short(str(one.run.path))), ("trained to step", f"{one.trained or 0:,}")]
    run = provenance(one.run, parts)
    return title, {"facts": facts, "charts": charts(course(one.run)), "run": run}
