"""Items of the paper: where each is in repcat, what tests it, its last figure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from repcat.config import shipped
from repcat.errors import DataError, RecipeError, RunError, cut
from repcat.io.small_text import parse_toml, read_small
from repcat.registry.options import check_options
from repcat.runs.run_files import RECIPE
from repcat.scoring.score_file import ScoreFile
from repcat.scoring.score_table import read_methods
from repcat.scoring.summary import MODEL
from repcat.studies.rows import folder_of
from repcat.studies.schema import IDS, RowTable

FILE = shipped.INDEX
# What the paper trains at, where a run says it: a U-Net has no feature_size.
PAPERS = {
    ("data", "size"): 64,
    ("train", "steps"): 5000,
    ("train", "batch_size"): 8,
    ("backbone", "feature_size"): 48,
}


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the inventory; `rows` are the study rows that carry its id, `study/row`."""

    id: str
    what: str = ""
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


KEYS = frozenset(f.name for f in fields(Item)) - {"id", "rows"}


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
    return tuple(Item(i, rows=tuple(rows[i]), **said.get(i, {})) for i in IDS)


def study_rows(folder: Path) -> defaultdict[str, list[str]]:
    """Return the rows that carry each id, as study/row."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.glob("*.toml")):
        for given in _read(path).get("row", ()):
            row, problems = check_options(RowTable, given, "row")
            if problems:
                msg = f"{path}: {problems[0]}"
                raise RecipeError(msg, code="study-problems")
            for name in [row["id"]] if isinstance(row["id"], str) else row["id"]:
                found[name].append(f"{path.stem}/{row['name']}")
    return found


def faults(folder: Path) -> list[str]:
    """Say what coverage.toml claims and is not so: ids, recipes, study rows, tests."""
    said = {FILE: _read(folder / FILE), "studies": study_rows(folder / "studies")}
    odd = [f"{where}: {i}" for where, ids in said.items() for i in ids if i not in IDS]
    items = [f"{i.id}: {fault}" for i in read_items(folder) for fault in _faults(i, folder)]
    return [f"{what} is no item of the inventory" for what in odd] + items


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
        found = parse_toml(read_small(path))
    except DataError as error:
        msg = f"{path} cannot be read: {error}"
        raise RecipeError(msg, code="file-damaged") from None
    if path.name == FILE:
        for name, entry in found.items():
            fits = isinstance(entry, dict) and entry.keys() <= KEYS
            if not fits or not all(isinstance(value, str) for value in entry.values()):
                msg = f"{path}: {cut(name)} may hold texts {', '.join(sorted(KEYS))}, nothing else"
                raise RecipeError(msg, code="unknown-keys")
    rows = found.get("row", ())
    if not isinstance(rows, list | tuple) or not all(isinstance(row, dict) for row in rows):
        msg = f"{path}: row must be tables, [[row]] each"
        raise RecipeError(msg, code="study-problems")
    return found


def as_dicts(items: Sequence[Item], runs: Path) -> list[dict[str, Any]]:
    """Return every item as plain values, with its last result and the scale it is shown at."""
    return [
        {
            **{key: getattr(i, key) for key in ("id", "what", "state", "where")},
            "rows": list(i.rows),
            "how": i.how or i.planned,
            "test": i.test,
            "last": last_result(i, runs),
            "shown": shown_at(i, runs),
        }
        for i in items
    ]


def last_result(item: Item, runs: Path) -> str:
    """Return the newest figure of an item under `runs`, mean over patients; empty if none.

    A row's from runs/studies/<study>/<row>/, a recipe's from runs/<recipe>/, a command's from any.
    """
    table, values = _newest(item, runs)
    if table is None:
        return ""
    mean = sum(values) / len(values)
    return f"{item.figure} {mean:.4g} ({len(values)} of {ScoreFile.parse(table).dataset})"


def shown_at(item: Item, runs: Path) -> str:
    """Return the scale of the newest figure of an item: 'toy', 'reduced', 'full', empty if none.

    By the recipe of its run: 'toy' of procedural patients; 'full' of scans with at least the
    paper's size, steps, batch and width; 'reduced' of scans with less.
    """
    table, _ = _newest(item, runs)
    run = next((f for f in table.parents if (f / RECIPE).is_file()), None) if table else None
    if run is None:
        return ""
    tables = _read(run / RECIPE)
    if "path" not in tables.get("data", {}):
        return "toy"
    made = {key: tables.get(key[0], {}).get(key[1], least) for key, least in PAPERS.items()}
    return "full" if all(made[key] >= least for key, least in PAPERS.items()) else "reduced"


def _newest(item: Item, runs: Path) -> tuple[Path | None, list[float]]:
    """Return the newest table under `runs` that has an item's figure, and its values."""
    tables = [t for p in _places(item, runs) for t in p.rglob(f"*.{item.measure}.csv")]
    for table in sorted(tables, key=lambda t: t.stat().st_mtime, reverse=True):
        if values := _model(table, item.figure):
            return table, values
    return None, []


def _places(item: Item, runs: Path) -> list[Path]:
    if item.command:
        return [runs] if item.measure != "standard" else []
    if item.recipe:
        return [runs / Path(item.recipe).stem]
    rows = (row.split("/", 1) for row in item.rows)
    return [runs / "studies" / study / folder_of(name) for study, name in rows]


def _model(table: Path, figure: str) -> list[float]:
    """Return the model's figures; of a table of cases (steps, poses) the last case's.

    None of a table that does not belong to its run.
    """
    try:
        methods = read_methods(table)
    except RunError:
        return []
    rows = methods.get(MODEL) or next(reversed(methods.values()), {})
    return [row[figure] for row in rows.values() if figure in row]
