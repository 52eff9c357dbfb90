"""Shipped recipes: the recipes, studies and settings that come with repcat, found by name.

A name is a file's place in the folder without its suffix, `ablations/one_view`, or its stem alone.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from difflib import get_close_matches
from itertools import takewhile
from pathlib import Path
from typing import Literal

from repcat.errors import RecipeError, cut
from repcat.io.atomic import atomic_file

Kind = Literal["recipe", "study", "setting"]
KINDS: tuple[Kind, ...] = ("recipe", "study", "setting")
PLACES: dict[str, Kind] = {
    "": "recipe",
    "ablations": "recipe",
    "baselines": "recipe",
    "studies": "study",
    "settings": "setting",
}
INDEX = "coverage.toml"
_REFERENCE = re.compile(r'^(extends|base|recipe) = "(.+?)"', re.MULTILINE)


def folder() -> Path:
    """Return where they lie: inside the installed package, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "recipes"
    return inside if inside.is_dir() else package.parent / "recipes"


def names(*kinds: Kind) -> dict[str, Path]:
    """Return the files of some kinds by their full names, those to start from first."""
    return {
        f"{place}/{file.stem}".lstrip("/"): file
        for place, kind in PLACES.items()
        if kind in kinds
        for file in sorted((folder() / place).glob("*.toml"))
        if file.name != INDEX
    }


def named(name: str, *kinds: Kind) -> Path | None:
    """Return the file of a full name, or of a stem that one file alone has."""
    known = names(*kinds)
    of_stem = [file for file in known.values() if file.stem == name]
    return known.get(name, of_stem[0] if len(of_stem) == 1 else None)


def find(given: Path, kind: Kind, or_folder: str = "") -> Path:
    """Return what a command is given: a file here, with or without .toml, else a shipped name.

    With `or_folder`, what a folder is called, a folder here will do.

    Raises:
        RecipeError: where there is neither, with the nearest names.
    """
    here = [file for file in (given, Path(f"{given}.toml")) if _is(file, Path.is_file)]
    if or_folder and _is(given, Path.is_dir):
        here.insert(0, given)
    return _own(here[0], given, kind) if here else beside(given, kind, or_folder=or_folder)


def beside(given: str | Path, kind: Kind, place: Path = Path(), or_folder: str = "") -> Path:
    """Return the file at a path from the folder `place`, else the shipped one of that name."""
    path = Path(os.path.normpath(place / given))
    if _is(path, Path.is_file):
        return _own(path, given, kind)
    found = named(Path(given).as_posix(), kind)
    if found is None and not _is(path, Path.exists):
        what = f"{or_folder} or {kind}" if or_folder else kind
        other = [f"which is a {k}" for k in KINDS if named(path.as_posix(), k)]
        why = (*other, "and repcat brings none of that name")[0]
        msg = f"there is no {what} {cut(str(path))}, {why}{_near(path, kind)}"
        raise RecipeError(msg, code="no-such-recipe")
    return found or path


def spelled(file: Path) -> str:
    """Return what to type for a file: a shipped recipe's name unless a file here hides it."""
    for name, shipped in names("recipe").items():
        if shipped == file and not any(Path(f"{name}{end}").is_file() for end in ("", ".toml")):
            return name
    return str(file)


def about(file: Path) -> list[str]:
    """Return the lines of a file's head comment: what it is, what it needs, how long it takes."""
    head = takewhile(lambda line: line.startswith("#"), file.read_text("utf-8").splitlines())
    return [line.lstrip("# ") for line in head]


def copy(name: str, to: Path) -> Path:
    """Write a shipped file into the folder `to`, its paths to others made names.

    Raises:
        RecipeError: where there is no such name, or a file in the way.
    """
    file = named(name, *KINDS)
    if file is None:
        msg = f"repcat brings no {name}{_near(Path(name), *KINDS)}"
        raise RecipeError(msg, code="no-such-recipe")
    out = to / file.name
    if out.exists():
        msg = f"{out} exists and is not overwritten; choose another folder with --to"
        raise RecipeError(msg, code="file-taken")
    known = {path: other for other, path in names("recipe").items()}
    text = _REFERENCE.sub(
        lambda found: f'{found[1]} = "{known[(file.parent / found[2]).resolve()]}"',
        file.read_text("utf-8"),
    )
    with atomic_file(out) as part:
        part.write_text(text, encoding="utf-8")
    return out


def _is(path: Path, what: Callable[[Path], bool]) -> bool:
    """Ask for a file or folder; a name that no file system can hold is none."""
    try:
        return what(path)
    except (OSError, ValueError):
        return False


def _own(file: Path, given: str | Path, kind: Kind) -> Path:
    """Return a file of the user's, telling on stderr which shipped one it hides."""
    hidden = named(Path(given).as_posix(), kind)
    if hidden and not hidden.samefile(file):
        told = f"{given}: taken from {file.resolve()}, not the {kind} that repcat brings"
        print(told, file=sys.stderr)
    return file


def _near(path: Path, *kinds: Kind) -> str:
    """Return the names that may have been meant, and what lists all."""
    stems = {name: file.stem for name, file in names(*kinds).items()}
    close = get_close_matches(path.stem, stems.values())
    meant = " or ".join(name for name, stem in stems.items() if stem in close)
    return (f"; did you mean {meant}?" if meant else ";") + " `repcat recipes` lists them"
