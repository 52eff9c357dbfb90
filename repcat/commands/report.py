"""`repcat report`: a run, a study or a case as one HTML file that works offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from repcat.commands.options import Data, Split
from repcat.io.notice import SYNTHETIC


def report(
    what: Annotated[Path, Argument(help="A run with predictions, a study's file or name, a case.")],
    out: Annotated[
        Path | None,
        Option(
            help="The page, an .html; of a study the folder of its runs.",
            show_default="report.html in the folder; runs/studies/<study>",
        ),
    ] = None,
    patients: Annotated[int, Option(min=1, max=40, help="Patients whose volumes it shows.")] = 3,
    data: Data = None,
    split: Split = "test",
    settings: Annotated[
        list[str] | None, Option("--set", help="What `repcat compare STUDY` was given as --set.")
    ] = None,
    seeds: Annotated[str, Option(help="Seeds, by commas.", show_default="the study's")] = "",
) -> None:
    """Write a page to look at: viewer, X-rays, figures, training, provenance; nothing is loaded."""
    from repcat.commands.console import say
    from repcat.config.shipped import find

    what = find(what, "study", or_folder="run, case")
    _check_fitting(what, bool(data or split != "test"), bool(settings or seeds))
    if what.suffix == ".toml":
        page = _study(what, out, settings or [], seeds)
    elif (what / "case.json").is_file():
        from repcat.report.pages.case import write_case

        page = write_case(what, out)
    else:
        from repcat.registry.plugins import load_parts
        from repcat.report.html.document import write
        from repcat.report.pages.run import run_document

        document = run_document(what, load_parts(), data, split, patients)
        page = write(document, out or what / "report.html")
    say(f"{page}: {page.stat().st_size / 1e6:.1f} MB; {SYNTHETIC}")


def _study(file: Path, out: Path | None, settings: list[str], seeds: str) -> Path:
    from repcat.commands.parse_lists import numbers
    from repcat.registry.plugins import load_parts
    from repcat.report.html.document import write
    from repcat.report.pages.study import default_folder, study_document
    from repcat.studies.runner import make_plan

    folder = out or default_folder(file)
    plan = make_plan(file, folder, settings, numbers(seeds), load_parts())
    return write(study_document(plan, folder), folder / "report.html")


def _check_fitting(what: Path, for_run: bool, for_study: bool) -> None:
    """Refuse options of a run for a study, and the other way round."""
    from repcat.errors import RepcatError

    study, case = what.suffix == ".toml", (what / "case.json").is_file()
    msg = ""
    if for_run and (study or case):
        msg = f"--data and --split belong to a run; {what} is a {'study' if study else 'case'}"
    elif for_study and not study:
        msg = f"--set and --seeds belong to a study; {what} is none"
    if msg:
        raise RepcatError(msg, code="option-of-a-study")
