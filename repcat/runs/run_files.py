"""Run files: recipe.toml and provenance.json, and the list of their checksums."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from repcat.errors import DataError, RunError
from repcat.io.atomic import atomic_file
from repcat.io.checksums import (
    SUMS,
    damaged_files,
    read_checksums,
    rewrite_listed,
    write_checksums,
    write_listed,
)
from repcat.io.json_object import parse_object

RECIPE, PROVENANCE = "recipe.toml", "provenance.json"
FORMAT = 1  # of the run's folder, in provenance.json; a larger one is a newer repcat's
KINDS = {
    "format": int,
    "versions": dict,
    "plugins": dict,
    "command": list,
    "dataset": str,
    "dataset_hash": str,
    "device": str,
}


def write_begun(folder: Path, recipe: str, provenance: Mapping[str, Any]) -> None:
    """Write both files of a run that begins; the recipe last, for it makes a folder a run."""
    texts = {PROVENANCE: _text(provenance), RECIPE: recipe}
    try:
        write_listed(folder, texts)
    except DataError:
        for name in (SUMS, *texts):
            with suppress(OSError):
                (folder / name).unlink()
        raise


def rewrite_provenance(folder: Path, provenance: Mapping[str, Any]) -> None:
    """Put other values into provenance.json; a kill leaves the old or the new, each as listed."""
    if read_checksums(folder):
        rewrite_listed(folder, PROVENANCE, _text(provenance))
        return
    with atomic_file(folder / PROVENANCE) as part:
        part.write_text(_text(provenance), encoding="utf-8")
    write_checksums(folder, [RECIPE, PROVENANCE])


def read_provenance(folder: Path) -> dict[str, Any]:
    """Read provenance.json; empty where there is none.

    Raises:
        RunError: where it cannot be read, or a newer repcat made the run.
    """
    file = folder / PROVENANCE
    if not file.exists():
        return {}
    try:
        found = parse_object(file.read_bytes())
    except (OSError, ValueError) as error:
        msg = f"{file} cannot be read ({error}); restore it, or delete it to go on without it"
        raise RunError(msg, code="file-damaged") from None
    wrong = [key for key, kind in KINDS.items() if not isinstance(found.get(key, kind()), kind)]
    if wrong or not all(isinstance(word, str) for word in found.get("command", [])):
        what = (wrong or ["command"])[0]
        msg = f"{file} was changed: {what} is {found[what]!r}; restore it, or take that line out"
        raise RunError(msg, code="file-damaged")
    if found.get("format", FORMAT) > FORMAT:
        msg = f"{folder} was made by a newer repcat (format {found['format']}); install that one"
        raise RunError(msg, code="newer-format")
    return found


def check_unchanged(folder: Path) -> None:
    """Raise RunError where a file is not what was written; a run of before 0.2 has no list."""
    names = [name for name in (RECIPE, PROVENANCE) if (folder / name).exists()]
    anew = f"cd {shlex.quote(str(folder))} && sha256sum {' '.join(names)} > {SUMS}"
    try:
        known = [name for name in read_checksums(folder) if name in (RECIPE, PROVENANCE)]
        found = damaged_files(folder, sorted({*known, *names}))
    except DataError:
        msg = f"{folder / SUMS} is damaged; where {' and '.join(names)} are right: {anew}"
        raise RunError(msg, code="checksums-damaged") from None
    if found:
        msg = (
            f"{folder / found[0]} was changed since it was written; restore it, or, where the "
            f"change was meant: {anew}"
        )
        raise RunError(msg, code="run-changed")


def _text(provenance: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in provenance.items() if key != "format"}
    return json.dumps({"format": FORMAT, **rest}, indent=2) + "\n"
