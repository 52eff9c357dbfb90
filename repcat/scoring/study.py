"""A study: the rows of one table of a paper, each a recipe, with what was published of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from repcat import options
from repcat.errors import RecipeError
from repcat.reading import parse_toml
from repcat.registry import Parts
from repcat.scoring.columns import COLUMNS
from repcat.scoring.protocols import PROTOCOLS
from repcat.scoring.study_tables import IDS, PlaceTable, RowTable, StudyTable

# What a study without [[dataset]] calls the data that its recipes train on.
OWN = "own dataset"


@dataclass(frozen=True, slots=True)
class StudyRow:
    """A row: the recipe file it starts from (None: only published) and what it changes there."""

    name: str
    ids: tuple[str, ...]
    recipe: Path | None
    change: Mapping[str, Any]
    published: Mapping[str, Mapping[str, float]]
    every_checkpoint: bool = False

    @property
    def folder(self) -> str:
        """The name as a folder may be called."""
        return re.sub(r"[^a-z0-9.]+", "-", self.name.lower()).strip("-.") or "row"


@dataclass(frozen=True, slots=True)
class Place:
    """A dataset that rows are scored on; without a path the one that the row was trained on."""

    name: str
    path: Path | None


@dataclass(frozen=True, slots=True)
class Study:
    """A checked study."""

    file: Path
    title: str
    protocol: str
    seeds: tuple[int, ...]
    metrics: tuple[str, ...]
    places: tuple[Place, ...]
    rows: tuple[StudyRow, ...]
    change: Mapping[str, Any] = field(default_factory=dict)


def read_study(path: Path, parts: Parts) -> Study:
    """Read a study file and check what can be checked without building anything.

    Raises:
        RecipeError: with one line for each problem.
    """
    try:
        tables = parse_toml(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        msg = f"cannot read the study {path}: {getattr(error, 'strerror', None) or error}"
        raise RecipeError(msg) from None
    problems: list[str] = []
    study = _study(path, tables, parts, problems)
    if problems or study is None:
        lines = "\n".join(f"  - {p}" for p in problems)
        msg = f"{path} is no study that can be run:\n{lines}"
        raise RecipeError(msg)
    return study


def _study(path: Path, tables: dict[str, Any], parts: Parts, problems: list[str]) -> Study | None:
    values, found = options.check(StudyTable, tables, "study")
    problems += found
    if not values:
        return None
    table = StudyTable(**values)
    if table.protocol not in PROTOCOLS:
        near = options.nearest(table.protocol, PROTOCOLS)
        problems.append(f"protocol = {table.protocol!r} is unknown{near}")
    for name in table.metrics:
        known = [*COLUMNS, *parts.metrics.names()]
        if name not in known:
            problems.append(f"metrics has {name!r}, which is unknown{options.nearest(name, known)}")
    places = [_place(n, place, problems) for n, place in enumerate(table.dataset, start=1)]
    known_places = [p for p in places if p] or [Place(OWN, None)]
    names = [p.name for p in known_places]
    rows = [_row(n, row, table, path, names, problems) for n, row in enumerate(table.row, start=1)]
    kept = tuple(row for row in rows if row)
    _need_names_apart(kept, problems)
    return Study(
        path,
        table.title,
        table.protocol,
        table.seeds,
        table.metrics,
        tuple(known_places),
        kept,
        table.change or {},
    )


def _place(number: int, given: dict[str, Any], problems: list[str]) -> Place | None:
    values, found = options.check(PlaceTable, given, f"dataset {number}")
    problems += found
    if not values:
        return None
    return Place(values["name"], Path(values["path"]) if values["path"] else None)


def _row(
    number: int,
    given: dict[str, Any],
    study: StudyTable,
    path: Path,
    places: list[str],
    problems: list[str],
) -> StudyRow | None:
    where = f"row {number}" + (f" ({given['name']!r})" if "name" in given else "")
    values, found = options.check(RowTable, given, where)
    problems += found
    if not values:
        return None
    row = RowTable(**values)
    ids = tuple(row.id.replace(",", " ").split()) if isinstance(row.id, str) else row.id
    problems += [
        f"{where}.id: there is no item {i!r}; P01-P65, F1-F5, C1, C2" for i in ids if i not in IDS
    ]
    problems += _published_problems(where, row.published or {}, places)
    if row.protocol and row.protocol != study.protocol:
        problems.append(
            f"{where} has figures of protocol {row.protocol}, the study ranks by {study.protocol}: "
            "rows of different protocols are not ranked together; bring its PSNR over with "
            f"`repcat metrics convert FIGURE --from {row.protocol} --to {study.protocol}`"
        )
    recipe = (
        None if row.only_published else _recipe(where, row.recipe or study.base, path, problems)
    )
    return StudyRow(
        row.name, ids, recipe, row.change or {}, row.published or {}, row.every_checkpoint
    )


def _recipe(where: str, name: str, path: Path, problems: list[str]) -> Path | None:
    if not name:
        problems.append(f"{where} has no recipe and the study no base; give one of them")
        return None
    file = path.parent / name
    if not file.is_file():
        problems.append(f"{where}: there is no recipe {file}")
    return file


def _published_problems(
    where: str, published: Mapping[str, Mapping[str, float]], places: list[str]
) -> list[str]:
    found = [
        f"{where}.published: the study has no dataset {name!r}{options.nearest(name, places)}"
        for name in published
        if name not in places
    ]
    for name, figures in published.items():
        unknown = [f for f in figures if f not in COLUMNS]
        found += [
            f"{where}.published.{name}.{f} is unknown{options.nearest(f, COLUMNS)}" for f in unknown
        ]
    return found


def _need_names_apart(rows: tuple[StudyRow, ...], problems: list[str]) -> None:
    """Names become folders, so two that differ in case alone are one."""
    for folder, count in Counter(row.folder for row in rows).items():
        if count > 1:
            same = ", ".join(repr(row.name) for row in rows if row.folder == folder)
            problems.append(
                f"{count} rows have the same name: {same}; runs need folders of their own"
            )
