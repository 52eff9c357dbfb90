"""Intact: whether a dataset's files are what `repcat prepare` wrote, by its SHA256SUMS."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from repcat.data.store.patient_file import is_intact
from repcat.errors import DataError
from repcat.io.checksums import SUMS, damaged_files, read_checksums, write_checksums

TABLES = ("dataset.toml", "patients.csv")
AGAIN = "run the same `repcat prepare` command again"


def write_dataset_checksums(folder: Path, ids: Iterable[str]) -> None:
    """Write SHA256SUMS of a dataset's tables and patients."""
    write_checksums(folder, [*TABLES, *map(_name, ids)])


def check_tables(folder: Path) -> None:
    """Raise DataError where a table is not what was written; a dataset of before 0.2 has no list.

    The list itself is looked at too.
    """
    try:
        found = damaged_files(folder, TABLES)
    except DataError:
        found = [SUMS]
    if found:
        msg = f"{folder / found[0]} was changed since it was written; {AGAIN}"
        raise DataError(msg, code="dataset-changed-by-hand")


def check_patients(folder: Path, ids: Iterable[str]) -> None:
    """Raise DataError where patients' files are not what was written, naming the first.

    Without a list, tensors are held against the hash in their file's own header.
    """
    names = {_name(patient): folder / _name(patient) for patient in ids}
    if (folder / SUMS).exists():
        if unlisted := names.keys() - read_checksums(folder).keys():
            msg = f"{folder / SUMS} has no line of {min(unlisted)}: it was changed; {AGAIN}"
            raise DataError(msg, code="checksums-damaged")
        found = damaged_files(folder, names)
    else:
        found = [name for name, path in names.items() if not is_intact(path)]
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        msg = f"{names[found[0]]}{more} was changed since it was written; delete it and {AGAIN}"
        raise DataError(msg, code="patient-damaged")


def _name(patient: str) -> str:
    return f"patients/{patient}.safetensors"
