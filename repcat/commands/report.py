"""`repcat report`: a run, a study or a case as one HTML file that works offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    what: Annotated[
        Path, typer.Argument(help="A run with predictions, a study (.toml), or a case folder.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="The page, an .html; of a study the folder of its runs.",
            show_default="report.html in the folder; runs/studies/<study>",
        ),
    ] = None,
    patients: Annotated[
        int, typer.Option(min=1, max=40, help="Patients whose volumes are in the page.")
    ] = 3,
    data: Annotated[
        Path | None, typer.Option(help="Prepared dataset instead of the recipe's.")
    ] = None,
    split: Annotated[str, typer.Option(help="train, validation or test.")] = "test",
) -> None:
    """Write a page to look at: viewer, X-rays, figures, training, provenance; nothing is loaded."""
    from repcat.console import say
    from repcat.report.document import write
    from repcat.report.page import write_case

    if what.suffix == ".toml":
        from repcat.pages.study import default_folder, study_document
        from repcat.registry import load_parts

        folder = out or default_folder(what)
        page = write(study_document(what, folder, load_parts()), folder / "report.html")
    elif (what / "case.json").is_file():
        page = write_case(what, out)
    else:
        from repcat.pages.run import run_document
        from repcat.registry import load_parts

        document = run_document(what, load_parts(), data, split, patients)
        page = write(document, out or what / "report.html")
    say(f"{page}: {page.stat().st_size / 1e6:.1f} MB; synthetic, research use only")
