"""Data file of a header (MHD, NHDR): beside it or below, a regular file and no other."""

from __future__ import annotations

from pathlib import Path

from repcat.errors import DataError
from repcat.io.strangers.access import why_closed


def data_file(header: Path, name: str) -> Path:
    """Return the file that a header names, without opening it.

    Raises:
        DataError: for a list or pattern of files, one that lies outside the header's folder, links
            included, and what is no regular file.
    """
    if name.upper().startswith(("LIST", "SKIPLIST")) or "%" in name:
        msg = "its header lists several data files; write one file, as .mha or .nrrd"
        raise DataError(msg, code="several-data-files")
    path = header.parent / name
    if name.startswith("-") or not _is_below(path, header.parent):
        msg = (
            f"its header names a data file outside its folder ({_short(name)}): leave it out, or "
            "copy that file beside it and correct the name"
        )
        raise DataError(msg, code="data-file-outside")
    if reason := why_closed(path):
        msg = f"its data file {_short(name)} cannot be opened: {reason}"
        raise DataError(msg, code="data-file-closed")
    return path


def _is_below(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name too long, a NUL
        return False


def _short(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name[:80])
