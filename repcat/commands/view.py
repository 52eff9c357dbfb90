"""`repcat view`: any volume in the viewer of the report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option


def view(
    files: Annotated[
        list[Path], Argument(help="Volumes: .mha, .nii, .nii.gz, .nrrd, .npy, or DICOM folders.")
    ],
    out: Annotated[
        Path | None, Option(help="The page, an .html.", show_default="a temporary file")
    ] = None,
    show: Annotated[bool, Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Write a page that shows volumes; two on one grid with their absolute difference."""
    import tempfile

    from repcat.commands.console import say
    from repcat.report.html.document import write
    from repcat.report.pages.volumes import volumes_document

    document = volumes_document(files)
    target = out or Path(tempfile.mkdtemp(prefix="repcat-view-")) / "view.html"
    page = write(document, target)
    say(f"{page}: {page.stat().st_size / 1e6:.1f} MB; research use only")
    if show:
        import webbrowser

        webbrowser.open(page.resolve().as_uri())
