"""Items of the paper: where each is in repcat, what tests it, its last figure."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repcat.config import shipped
from repcat.errors import DataError, RecipeError
from repcat.scoring.score_file import ScoreFile, read_methods
from repcat.scoring.summary import MODEL
from repcat.studies.rows import StudyRow
from repcat.studies.schema import IDS

FILE = shipped.INDEX
KEYS = frozenset(
    ("what", "study", "recipe", "command", "option", "how", "measure", "figure", "test", "planned")
)


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the inventory; `rows` are the study rows that carry its id, `study/row`."""

    id: str
    what: str
    rows: tuple[str, ...] = ()
    study: str = ""
    recipe: str = ""
    command: str = ""
    option: str = ""
    how: str = ""
    measure: str = "standard"
    figure: str = "psnr"
    test: str = ""
    planned: str = ""

    @property
    def where(self) -> str:
        """Return what to type or open: a command or option, else a recipe, else a study's row."""
        more = f" and {len(self.rows) - 1} more" if len(self.rows) > 1 else ""
        option = f"--set '{self.option} = ...'" if self.option else ""
        return self.command or option or self.recipe or "".join(self.rows[:1]) + more

    @property
    def state(self) -> str:
        """Return 'there', 'planned' or 'missing'."""
        return "there" if self.where else "planned" if self.planned else "missing"


def recipes_folder(given: Path | None = None) -> Path:
    """Return the folder of recipes: the one given, else of those that come with repcat."""
    folder = given or shipped.folder()
    if not (folder / FILE).is_file():
        msg = f"there is no {FILE} in {folder}; give the folder of recipes with --recipes"
        raise DataError(msg, code="no-recipes")
    return folder


def read_items(folder: Path) -> tuple[Item, ...]:
    """Join coverage.toml with the ids in studies/*.toml, in the order of the inventory."""
    said, rows = _read(folder / FILE), study_rows(folder / "studies")
    found = []
    for name in IDS:
        entry = dict(said.get(name, {}))
        entry.setdefault("what", "")
        found.append(Item(name, rows=tuple(f"{s}/{r.name}" for s, r in rows[name]), **entry))
    return tuple(found)


def study_rows(folder: Path) -> defaultdict[str, list[tuple[str, StudyRow]]]:
    """Return the rows that carry each id, with the name of their study."""
    found: defaultdict[str, list[tuple[str, StudyRow]]] = defaultdict(list)
    for path in sorted(folder.glob("*.toml")):
        for row in _read(path).get("row", ()):
            ids = row.get("id", ())
            ids = [ids] if isinstance(ids, str) else ids
            for name in ids:
                found[name].append((path.stem, StudyRow(row["name"], tuple(ids), None, {}, {})))
    return found


def faults(folder: Path) -> list[str]:
    """Say what coverage.toml claims and is not so: ids, recipes, study rows, tests."""
    said, items = _read(folder / FILE), read_items(folder)
    problems = [f"{FILE}: {name} is no item of the inventory" for name in said if name not in IDS]
    known = study_rows(folder / "studies")
    problems += [
        f"studies: {name} is no item of the inventory" for name in known if name not in IDS
    ]
    for item in items:
        problems += [f"{item.id}: {fault}" for fault in _faults(item, folder)]
    return problems


def _faults(item: Item, folder: Path) -> Iterator[str]:
    if not item.what:
        yield f"is not in {FILE}"
    if item.study and not any(row.startswith(f"{item.study}/") for row in item.rows):
        yield f"studies/{item.study}.toml has no row of this id"
    if item.recipe and not (folder / item.recipe).is_file():
        yield f"there is no recipe {item.recipe}"
    if item.state == "missing":
        yield "has no recipe, study, command or option, nor a reason why not"
    if item.state == "there" and not item.test:
        yield "has no test"
    installed = (folder.parent / "__init__.py").is_file()  # in the package, where no tests are
    if item.test and not installed and not (folder.parent / item.test).is_file():
        yield f"there is no test {item.test}"


def _read(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be read: {error}"
        raise RecipeError(msg, code="file-damaged") from None
    if path.name == FILE:
        for name, entry in found.items():
            if not isinstance(entry, dict) or not entry.keys() <= KEYS:
                msg = f"{path}: {name} may hold {', '.join(sorted(KEYS))} and nothing else"
                raise RecipeError(msg, code="unknown-keys")
    return found


def as_dicts(items: Sequence[Item], folder: Path, runs: Path) -> list[dict[str, Any]]:
    """Return every item as plain values, with its last result."""
    return [
        {
            "id": i.id,
            "what": i.what,
            "state": i.state,
            "where": i.where,
            "rows": list(i.rows),
            "how": i.how or i.planned,
            "test": i.test,
            "last": last_result(i, folder, runs),
        }
        for i in items
    ]


def last_result(item: Item, folder: Path, runs: Path) -> str:
    """Return the newest figure of an item under `runs`, mean over patients; empty if none.

    A row's from runs/studies/<study>/<row>/, a recipe's from runs/<recipe>/, a command's from any.
    """
    tables = [
        t for place in _places(item, folder, runs) for t in place.rglob(f"*.{item.measure}.csv")
    ]
    for table in sorted(tables, key=lambda t: t.stat().st_mtime, reverse=True):
        values = _model(table, item.figure)
        if values:
            mean = sum(values) / len(values)
            return f"{item.figure} {mean:.4g} ({len(values)} of {ScoreFile.parse(table).dataset})"
    return ""


def _places(item: Item, folder: Path, runs: Path) -> list[Path]:
    if item.command:
        return [runs] if item.measure != "standard" else []
    if item.recipe:
        return [runs / Path(item.recipe).stem]
    rows = study_rows(folder / "studies")[item.id]
    return [runs / "studies" / study / row.folder for study, row in rows]


def _model(table: Path, figure: str) -> list[float]:
    """Return the model's figures; of a table of cases (steps, poses) the last case's."""
    methods = read_methods(table)
    rows = methods.get(MODEL) or next(reversed(methods.values()), {})
    return [row[figure] for row in rows.values() if figure in row]
