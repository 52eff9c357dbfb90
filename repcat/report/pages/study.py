"""Study page: its tables, how far each row is, and how it was trained."""

from __future__ import annotations

from pathlib import Path

from repcat.errors import RunError
from repcat.registry.parts import Parts
from repcat.report.html.document import Document
from repcat.report.html.markup import Html, element, folded, pairs, section, together
from repcat.report.html.redact import short
from repcat.report.html.svg_curves import charts
from repcat.report.pages.run import provenance
from repcat.report.tables.formats import html_table
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
        raise RunError(msg + (f" --out {folder}" if folder != default_folder(file) else ""))
    rows = [_row(c, plan.parts, behind.get((c.run.path, c.step), "scored")) for c in plan.cases]
    sections = [("rows", "Rows", together(*rows))]
    about = f"{len(plan.cases)} runs, {len(scored)} of them scored; protocol {plan.study.protocol}"
    return Document(plan.study.title, about, _tables(plan), sections)


def default_folder(file: Path) -> Path:
    """Return where `repcat compare` puts the runs of a study."""
    return Path("runs") / "studies" / file.stem


def _tables(plan: Plan) -> Html:
    shown = [
        element("div", Html(html_table(table)), class_="wide", tabindex=0, role="region",
                aria_label=f"{table.title}, {table.protocol}")
        for table in plan.tables()
    ]  # fmt: skip
    return section("tables", "Tables", *shown)


def _row(case: Case, parts: Parts, stage: str) -> Html:
    """Show a row: how far it is, its training, its recipe."""
    title = f"{case.name}, seed {case.seed}: {stage}"
    if not case.run.recipe_file.is_file():
        return element("p", title)
    rows = [("run", short(str(case.run.path))), ("trained to step", f"{case.trained or 0:,}")]
    inside = together(pairs(rows), charts(course(case.run)), provenance(case.run, parts))
    return folded(title, inside)
