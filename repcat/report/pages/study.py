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
from repcat.studies.status import Case


def study_document(plan: Plan, folder: Path) -> Document:
    """Gather what a page shows of a study whose runs lie in `folder`.

    Raises:
        RunError: when no row is scored, with the command that brings it on.
    """
    file = plan.study.file
    missing = plan.missing()
    behind = {(case.run.path, case.step): stage for case, _, stage in missing}
    scored = [c for c in plan.cases if (c.run.path, c.step) not in behind]
    if not scored:
        msg = f"no row of {file} is scored in {folder}; run: repcat compare {file} --train"
        raise RunError(
            msg + (f" --out {folder}" if folder != default_folder(file) else ""),
            code="nothing-scored",
        )
    rows = [_row(c, plan.parts, behind.get((c.run.path, c.step), "scored")) for c in plan.cases]
    about = f"{len(plan.cases)} runs, {len(scored)} of them scored; protocol {plan.study.protocol}"
    values = {"tables": labelled(plan.tables()), "rows": rows}
    return Document(plan.study.title, about, (), "study", values)


def default_folder(file: Path) -> Path:
    """Return where `repcat compare` puts the runs of a study."""
    return Path("runs") / "studies" / file.stem


def _row(case: Case, parts: Parts, stage: str) -> tuple[str, dict[str, Any]]:
    """Return how far a row is, and once it is begun its training and recipe."""
    title = f"{case.name}, seed {case.seed}: {stage}"
    if not case.run.recipe_file.is_file():
        return title, {}
    facts = [("run", short(str(case.run.path))), ("trained to step", f"{case.trained or 0:,}")]
    run = provenance(case.run, parts)
    return title, {"facts": facts, "charts": charts(course(case.run)), "run": run}
