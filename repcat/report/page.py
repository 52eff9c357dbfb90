"""Pages from folders: a case as `report.html` beside its volume."""

from __future__ import annotations

from pathlib import Path

from repcat.report.case import case_document
from repcat.report.document import write


def write_case(case_dir: Path, out: Path | None = None) -> Path:
    """Write the page of a case to `out`, by default report.html in its folder.

    Raises:
        RunError: when the folder is no case.
        DataError: when a file of it is missing or does not fit the others.
    """
    return write(case_document(case_dir), out or case_dir / "report.html")
