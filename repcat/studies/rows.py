"""Rows of a study file: what they say, and every way in which it can be wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repcat.config.shipped import beside
from repcat.errors import RecipeError, cut, shown
from repcat.registry.options import check_options, nearest
from repcat.studies.schema import IDS, RowTable, StudyTable


@dataclass(frozen=True, slots=True)
class StudyRow:
    """A row: the recipe file it starts from (None: only published) and what it changes there."""

    name: str
    ids: tuple[str, ...]
    recipe: Path | None
    change: Mapping[str, Any]
    published: Mapping[str, Mapping[str, float]]
    every_checkpoint: bool = False
    needs: str = ""


def folder_of(row: str) -> str:
    """Return a row's name as a folder may be called."""
    return re.sub(r"[^a-z0-9.]+", "-", row.lower()).strip("-.") or "row"


def read_row(
    number: int,
    given: dict[str, Any],
    study: StudyTable,
    path: Path,
    places: list[str],
    figures: Collection[str],
    problems: list[str],
) -> StudyRow | None:
    """Check the `number`-th [[row]] of a study; adds a line to `problems` for each."""
    where = f"row {number}" + (f" ({shown(given['name'])})" if "name" in given else "")
    values, found = check_options(RowTable, given, where)
    problems += found
    if not values:
        return None
    row = RowTable(**values)
    ids = tuple(row.id.replace(",", " ").split()) if isinstance(row.id, str) else row.id
    odd = [i for i in ids if i not in IDS]
    problems += [f"{where}.id: there is no item {shown(i)}; P01-P65, F1-F5, C1, C2" for i in odd]
    published = row.published or {}
    problems += _published_problems(f"{where}.published", published, places, figures)
    if row.protocol and row.protocol != study.protocol:
        problems.append(
            f"{where} has figures of protocol {row.protocol}, the study ranks by {study.protocol}: "
            "rows of different protocols are not ranked together; bring its PSNR over with "
            f"`repcat metrics convert FIGURE --from {row.protocol} --to {study.protocol}`"
        )
    name, change = row.recipe or study.base, row.change or {}
    recipe = None if row.only_published else _recipe(where, name, path, problems)
    return StudyRow(row.name, ids, recipe, change, published, row.every_checkpoint, row.needs)


def _recipe(where: str, name: str, path: Path, problems: list[str]) -> Path | None:
    if not name:
        problems.append(f"{where} has no recipe and the study no base; give one of them")
        return None
    try:
        return beside(name, "recipe", path.parent)
    except RecipeError as error:
        problems.append(f"{where}: {error}")
    return None


def _published_problems(
    where: str,
    published: Mapping[str, Mapping[str, float]],
    places: list[str],
    known: Collection[str],
) -> Iterator[str]:
    for name, figures in published.items():
        if name not in places:
            yield f"{where}: the study has no dataset {shown(name)}{nearest(name, places)}"
        for figure in figures:
            if figure not in known:
                yield f"{where}.{cut(name)}.{cut(figure)} is unknown{nearest(figure, known)}"


def check_names_apart(rows: tuple[StudyRow, ...], problems: list[str]) -> None:
    """Names become folders, so two that differ in case alone are one."""
    folders = [folder_of(row.name) for row in rows]
    for folder, count in Counter(folders).items():
        if count == 1:
            continue
        same = ", ".join(repr(r.name) for r, f in zip(rows, folders, strict=True) if f == folder)
        problems.append(
            f"{count} rows have the same name: {cut(same)}; runs need folders of their own"
        )
