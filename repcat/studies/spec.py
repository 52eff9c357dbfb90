"""Study file: the rows of one table of a paper, each a recipe, with published figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from repcat.config.load import parse_toml
from repcat.data.store.dataset_dir import read_table
from repcat.errors import DataError, PartError, RecipeError, cut, listed, shown
from repcat.io.small_text import read_small
from repcat.registry.options import check_options, nearest
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
    checkpoints: tuple[int, ...] = ()


def read_study(path: Path, parts: Parts) -> Study:
    """Read a study file and check what can be checked without building anything.

    Raises:
        RecipeError: with one line for each problem.
    """
    try:
        text = read_small(path)
    except DataError as error:
        msg = f"cannot read the study {cut(str(path))}: {error}"
        raise RecipeError(msg, code="study-unreadable") from None
    tables = parse_toml(text, str(path))
    problems: list[str] = []
    study = _study(path, tables, parts, problems)
    if problems or study is None:
        msg = f"{path} is no study that can be run:\n{listed(problems)}"
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
    values, found = check_options(StudyTable, tables, "study")
    problems += found
    if not values:
        return None
    table = StudyTable(**values)
    known = _figures(table.protocol, parts, problems)
    unknown = [name for name in table.metrics if name not in known]
    problems += [f"metrics has {shown(n)}, which is unknown{nearest(n, known)}" for n in unknown]
    found_places = (_place(n, given, problems) for n, given in enumerate(table.dataset, start=1))
    places = tuple(p for p in found_places if p) or (Place(OWN, None),)
    names = [p.name for p in places]
    given_rows = enumerate(table.row, start=1)
    read = (read_row(n, row, table, path, names, known, problems) for n, row in given_rows)
    rows = tuple(row for row in read if row)
    check_names_apart(rows, problems)
    head = (path, table.title, table.protocol, table.seeds, table.metrics)
    return Study(*head, places, rows, table.change or {}, table.checkpoints)


def _figures(name: str, parts: Parts, problems: list[str]) -> list[str]:
    """Return the figures of a protocol's table, with those that repcat and plugins add to it."""
    known = [*COLUMNS, *parts.metrics.names()]
    try:
        return known + [column.name for column in protocol(name, parts).columns]
    except PartError as error:
        problems.append(f"protocol: {error}")
        return known


def _place(number: int, given: dict[str, Any], problems: list[str]) -> Place | None:
    values, found = check_options(PlaceTable, given, f"dataset {number}")
    problems += found
    path = Path(values["path"]) if values.get("path") else None
    return Place(values["name"], path) if values else None
