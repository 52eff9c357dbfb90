"""Study file: the rows of one table of a paper, each a recipe, with published figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from repcat.config.load import parse_toml
from repcat.data.store.dataset_dir import read_table
from repcat.errors import PartError, RecipeError
from repcat.registry import options
from repcat.registry.parts import Parts
from repcat.scoring.metric_info import COLUMNS
from repcat.scoring.protocols import protocol
from repcat.studies.rows import StudyRow, check_names_apart, read_row
from repcat.studies.schema import PlaceTable, StudyTable

# What a study without [[dataset]] calls the data that its recipes train on.
OWN = "own dataset"


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
        raise RecipeError(msg, code="study-unreadable") from None
    problems: list[str] = []
    study = _study(path, tables, parts, problems)
    if problems or study is None:
        lines = "\n".join(f"  - {p}" for p in problems)
        msg = f"{path} is no study that can be run:\n{lines}"
        raise RecipeError(msg, code="study-problems")
    return study


def only(study: Study, numbers: Sequence[int]) -> Study:
    """Keep the rows of these numbers, from 1 on; none keeps all.

    Raises:
        RecipeError: where there is no such row.
    """
    for number in numbers:
        if not 1 <= number <= len(study.rows):
            msg = f"{study.file} has rows 1 to {len(study.rows)}, no row {number}"
            raise RecipeError(msg, code="no-such-row")
    kept = tuple(study.rows[n - 1] for n in sorted(numbers))
    return replace(study, rows=kept) if numbers else study


def with_places(study: Study, folders: Sequence[Path]) -> Study:
    """Add prepared datasets to score on, each called by the name of its folder.

    Raises:
        DataError: where a folder is no dataset.
        RecipeError: where two datasets have one name.
    """
    places = list(study.places)
    for folder in folders:
        read_table(folder)
        name = folder.resolve().name
        if name in {place.name for place in places}:
            msg = f"--on {folder}: there is a dataset {name!r} already; rename the folder"
            raise RecipeError(msg, code="dataset-twice")
        places.append(Place(name, folder))
    return replace(study, places=tuple(places))


def _study(path: Path, tables: dict[str, Any], parts: Parts, problems: list[str]) -> Study | None:
    values, found = options.check_options(StudyTable, tables, "study")
    problems += found
    if not values:
        return None
    table = StudyTable(**values)
    known = _figures(table.protocol, parts, problems)
    for name in table.metrics:
        if name not in known:
            problems.append(f"metrics has {name!r}, which is unknown{options.nearest(name, known)}")
    places = [_place(n, place, problems) for n, place in enumerate(table.dataset, start=1)]
    known_places = [p for p in places if p] or [Place(OWN, None)]
    names = [p.name for p in known_places]
    rows = [
        read_row(n, row, table, path, names, known, problems)
        for n, row in enumerate(table.row, start=1)
    ]
    kept = tuple(row for row in rows if row)
    check_names_apart(kept, problems)
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


def _figures(name: str, parts: Parts, problems: list[str]) -> list[str]:
    """Return the figures of a protocol's table, with those that repcat and plugins add to it."""
    known = [*COLUMNS, *parts.metrics.names()]
    try:
        return known + [column.name for column in protocol(name, parts).columns]
    except PartError as error:
        problems.append(f"protocol: {error}")
        return known


def _place(number: int, given: dict[str, Any], problems: list[str]) -> Place | None:
    values, found = options.check_options(PlaceTable, given, f"dataset {number}")
    problems += found
    if not values:
        return None
    return Place(values["name"], Path(values["path"]) if values["path"] else None)
