"""Dataset directory: patients.csv, dataset.toml and where the patients' files lie."""

from __future__ import annotations

import csv
import hashlib
import io
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from repcat.data.store.intact import AGAIN, check_patients, check_tables
from repcat.data.store.patient_file import NOTICE, read_header, views_of
from repcat.errors import DataError
from repcat.geometry import Geometry, View
from repcat.io.atomic import atomic_file


@dataclass(frozen=True, slots=True)
class Row:
    """A line of patients.csv; `spacing` is the scan's own, z y x in mm."""

    id: str
    split: str
    source: str
    spacing: str
    notes: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A directory that `repcat prepare` finished; `settings` are what it was asked for."""

    path: Path
    geometry: Geometry
    views: tuple[View, ...]
    rows: tuple[Row, ...]
    content: str
    settings: Mapping[str, Any]

    def file(self, patient: str) -> Path:
        """Return where a patient's file lies."""
        return patient_file(self.path, patient)

    def check(self, patients: Iterable[str]) -> None:
        """Raise DataError where one of these patients' files is not what was written."""
        check_patients(self.path, patients)


def patient_file(folder: Path, patient: str) -> Path:
    """Return where a patient's file lies in a dataset directory."""
    return folder / "patients" / f"{patient}.safetensors"


def read_dataset(path: Path | str) -> Dataset:
    """Read a dataset's tables; every patient's file must be there."""
    folder = Path(path)
    table = read_table(folder)
    check_tables(folder)
    if "content" not in table:
        msg = f"the dataset {folder} is unfinished; {AGAIN}"
        raise DataError(msg, code="dataset-unfinished")
    rows = _read_rows(folder / "patients.csv")
    missing = [r.id for r in rows if not patient_file(folder, r.id).is_file()]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        first = patient_file(folder, missing[0])
        msg = f"{first}{more} is named in patients.csv but missing; {AGAIN}"
        raise DataError(msg, code="patient-missing")
    try:
        geometry, views = Geometry.from_dict(table["geometry"]), views_of(table["views"])
        content, settings = str(table["content"]["hash"]), dict(table["settings"])
        return Dataset(folder, geometry, views, rows, content, settings)
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{folder / 'dataset.toml'} was changed by hand ({error}); {AGAIN}"
        raise DataError(msg, code="dataset-changed-by-hand") from error


def read_table(folder: Path) -> dict[str, Any]:
    """Read dataset.toml."""
    path = folder / "dataset.toml"
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        msg = f"{folder} is no dataset: there is no dataset.toml; make one with `repcat prepare`"
        raise DataError(msg, code="not-a-dataset") from error
    except ValueError as error:
        msg = f"{path} cannot be read ({error}); {AGAIN}"
        raise DataError(msg, code="file-damaged") from error


def write_table(folder: Path, table: Mapping[str, Any]) -> None:
    """Write dataset.toml."""
    import tomli_w

    text = f"# Written by `repcat prepare`; {NOTICE}.\n\n{tomli_w.dumps(table)}"
    with atomic_file(folder / "dataset.toml") as part:
        part.write_text(text, "utf-8")


def write_rows(folder: Path, rows: list[Row]) -> None:
    """Write patients.csv."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([f.name for f in fields(Row)])
    writer.writerows(astuple(row) for row in rows)
    with atomic_file(folder / "patients.csv") as part:
        part.write_text(text.getvalue(), "utf-8")


def content_hash(folder: Path, rows: list[Row]) -> str:
    """Return a hash over patients, their splits and what their files hold."""
    digest = hashlib.sha256()
    for row in sorted(rows, key=lambda r: r.id):
        header = read_header(patient_file(folder, row.id))
        digest.update(f"{row.id} {row.split} {header['settings']} {header['content']}\n".encode())
    return digest.hexdigest()


def _read_rows(path: Path) -> tuple[Row, ...]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return tuple(Row(**line) for line in csv.DictReader(file))
    except (OSError, TypeError, UnicodeDecodeError) as error:
        msg = f"{path} cannot be read ({error}); {AGAIN}"
        raise DataError(msg, code="file-damaged") from error
