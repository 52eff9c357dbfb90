"""Dataset directory: patients.csv, dataset.toml and where the patients' files lie."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from repcat.contracts import Mark
from repcat.data.store.intact import AGAIN, check_patients, check_tables
from repcat.data.store.patient_file import NOTICE, read_header, views_of
from repcat.data.store.patient_table import Row, read_rows
from repcat.errors import DataError, cut, shown
from repcat.geometry import Geometry
from repcat.io.atomic import atomic_file
from repcat.io.small_text import parse_toml, read_small
from repcat.version import __version__
from repcat.view import View

# Of the folder and its files; raise it when the same settings begin to give others.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Dataset:
    """A directory that `repcat prepare` finished; `settings` are what it was asked for."""

    path: Path
    geometry: Geometry
    views: tuple[View, ...]
    rows: tuple[Row, ...]
    content: str
    settings: Mapping[str, Any]
    marks: Mapping[str, Mark]

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
    """Read a dataset's tables; every patient's file must be there, and be what they say."""
    folder = Path(path)
    table = read_table(folder)
    check_tables(folder)
    if "content" not in table:
        msg = f"the dataset {folder} is unfinished; {AGAIN}"
        raise DataError(msg, code="dataset-unfinished")
    rows = read_rows(folder)
    missing = [r.id for r in rows if not patient_file(folder, r.id).is_file()]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        first = patient_file(folder, missing[0])
        msg = f"{first}{more} is named in patients.csv but missing; {AGAIN}"
        raise DataError(msg, code="patient-missing")
    try:
        geometry, views = Geometry.from_dict(table["geometry"]), views_of(table["views"])
        content, settings = str(table["content"]["hash"]), _settings(table["settings"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        what = f"{type(error).__name__}: {cut(str(error))}"
        msg = f"{folder / 'dataset.toml'} was changed by hand ({what}); {AGAIN}"
        raise DataError(msg, code="dataset-changed-by-hand") from error
    changed = (folder / "patients").stat().st_mtime_ns
    marks, found = _read_contents(folder.resolve(), rows, changed)
    if found != content:
        msg = (
            f"{folder} is not what its dataset.toml was written for: ids or splits in patients.csv "
            f"or patients' files were changed; {AGAIN}, with --split FILE.csv for other splits"
        )
        raise DataError(msg, code="dataset-changed-by-hand")
    return Dataset(folder, geometry, views, rows, content, settings, marks)


def _settings(table: Mapping[str, Any]) -> dict[str, Any]:
    """Check the settings that are computed with."""
    numbers = [table["mu_water"], table["air_hu"], *table["drr_window"]]
    if not all(math.isfinite(n) for n in numbers) or table["mu_water"] <= 0:
        msg = "mu_water, air_hu and drr_window must be numbers, mu_water above 0"
        raise ValueError(msg)
    if len(table["drr_window"]) not in (0, 2):
        msg = "drr_window must be two numbers or none"
        raise ValueError(msg)
    return dict(table)


def read_table(folder: Path) -> dict[str, Any]:
    """Read dataset.toml; that of a newer repcat is refused."""
    path = folder / "dataset.toml"
    if not path.exists():
        msg = f"{folder} is no dataset: there is no dataset.toml; make one with `repcat prepare`"
        raise DataError(msg, code="not-a-dataset")
    try:
        table = parse_toml(read_small(path))
    except DataError as error:
        msg = f"{path} cannot be read ({cut(str(error))}); {AGAIN}"
        raise DataError(msg, code="file-damaged") from error
    if (given := table.get("format", FORMAT)) != FORMAT:
        msg = (
            f"{path} has format {shown(given)}, made by a newer repcat; this one, {__version__}, "
            f"reads format {FORMAT}: update repcat"
        )
        raise DataError(msg, code="newer-format")
    return table


def write_table(folder: Path, table: Mapping[str, Any]) -> None:
    """Write dataset.toml."""
    import tomli_w

    text = f"# Written by `repcat prepare`; {NOTICE}.\n\n{tomli_w.dumps(table)}"
    with atomic_file(folder / "dataset.toml") as part:
        part.write_text(text, "utf-8")


def content_hash(folder: Path, rows: Sequence[Row]) -> str:
    """Return a hash over patients, their splits and what their files hold."""
    return contents(folder, rows)[1]


def contents(folder: Path, rows: Sequence[Row]) -> tuple[dict[str, Mark], str]:
    """Read every patient's header: their marks, and the hash of them all."""
    digest, marks = hashlib.sha256(), dict[str, Mark]()
    for row in sorted(rows, key=lambda r: r.id):
        header = read_header(patient_file(folder, row.id))
        settings, content = header.get("settings"), str(header.get("content"))
        digest.update(f"{row.id} {row.split} {settings} {content}\n".encode())
        marks[row.id] = Mark(content, str(header.get("thumbnail", "")))
    return marks, digest.hexdigest()


@lru_cache(16)
def _read_contents(
    folder: Path, rows: tuple[Row, ...], changed: int
) -> tuple[dict[str, Mark], str]:
    """Remember what a folder held when it was `changed`: a study opens it for each of its runs."""
    del changed
    return contents(folder, rows)
