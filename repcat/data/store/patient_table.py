"""Patient table: patients.csv, a line a patient."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from repcat.contracts import SPLITS
from repcat.data.patient_id import check_ids
from repcat.data.store.intact import AGAIN
from repcat.errors import DataError, cut, shown
from repcat.io.atomic import atomic_file


@dataclass(frozen=True, slots=True)
class Row:
    """A line of patients.csv; `spacing` is the scan's own, z y x in mm."""

    id: str
    split: str
    source: str
    spacing: str
    notes: str


def write_rows(folder: Path, rows: list[Row]) -> None:
    """Write patients.csv."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([f.name for f in fields(Row)])
    writer.writerows(astuple(row) for row in rows)
    with atomic_file(folder / "patients.csv") as part:
        part.write_text(text.getvalue(), "utf-8")


def read_rows(folder: Path) -> tuple[Row, ...]:
    """Read patients.csv: ids that may name files, each once, each in a split."""
    path = folder / "patients.csv"
    try:
        with path.open(newline="", encoding="utf-8") as file:
            lines = csv.DictReader(file)
            if missing := sorted({f.name for f in fields(Row)} - {*(lines.fieldnames or ())}):
                msg = f"{path} has no column {missing[0]!r}; {AGAIN}"
                raise DataError(msg, code="file-damaged")
            rows = tuple(Row(**line) for line in lines)
    except (OSError, TypeError, UnicodeDecodeError, csv.Error) as error:
        msg = f"{path} cannot be read ({cut(str(error))}); {AGAIN}"
        raise DataError(msg, code="file-damaged") from error
    by_split = defaultdict(list)
    for row in rows:
        by_split[row.split].append(row.id)
    if strange := [split for split in by_split if split not in SPLITS]:
        msg = f"{path}: {shown(strange[0])} is no split; there are {', '.join(SPLITS)}"
        raise DataError(msg, code="no-such-split")
    check_ids(by_split, str(path))
    return rows
