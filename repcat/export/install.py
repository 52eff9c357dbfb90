"""Install a model: a run or an exported folder, copied to where `repcat predict` looks."""

from __future__ import annotations

import shutil
from pathlib import Path

from repcat.errors import DataError
from repcat.export.formats import export_run
from repcat.inference.exported import FILES, is_exported
from repcat.inference.installed import check_name_free
from repcat.inference.load import load
from repcat.io.atomic import atomic_folder
from repcat.io.checksums import SUMS, write_checksums
from repcat.radiographs.training_reference import FILE as REFERENCE

CARD = "README.md"


def install(path: Path, name: str = "") -> Path:
    """Copy an exported folder, or export a run, into the user's models; returns where it lies.

    `name` is that of the run or the folder unless told. What is copied is read first.

    Raises:
        DataError: where the name is taken or none, or the folder is damaged or no model.
        RunError: where there is neither a run nor an exported folder.
    """
    name = name or _name_of(path)
    target = check_name_free(name)
    if not is_exported(path):
        return export_run(path, out=target).folder
    if not (path / REFERENCE).is_file():
        msg = f"{path} has no {REFERENCE}, by which films are judged; export the run again"
        raise DataError(msg, code="no-reference")
    load(path, device="cpu")
    with atomic_folder(target) as part:
        for file in (*FILES, CARD, SUMS):
            if (path / file).is_file():
                shutil.copyfile(path / file, part / file)
        if not (part / SUMS).is_file():  # as of before 0.2
            write_checksums(part, [file for file in FILES if (part / file).is_file()])
        load(part, device="cpu")
    return target


def _name_of(path: Path) -> str:
    """Name a model after its run: RUN/export/hub is RUN's."""
    parts = path.resolve().parts
    inside = parts[-2:] == ("export", "hub") and len(parts) > 2
    return parts[-3] if inside else path.resolve().name
