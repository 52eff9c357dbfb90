"""Checksums: a SHA256SUMS file beside files, as `sha256sum` writes and checks it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from repcat.errors import DataError
from repcat.io.atomic import atomic_file

SUMS = "SHA256SUMS"
LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def file_hash(path: Path) -> str:
    """Return a file's SHA-256 in hex; it is read in pieces, so its size does not matter."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_checksums(folder: Path, names: Iterable[str] | None = None) -> None:
    """Write a folder's SHA256SUMS: of the files named, by default of all below it.

    Hidden files are none of them. `cd folder; sha256sum -c SHA256SUMS` checks it without repcat.
    """
    files = sorted(names if names is not None else _below(folder))
    text = "".join(f"{file_hash(folder / name)}  {name}\n" for name in files)
    with atomic_file(folder / SUMS) as part:
        part.write_text(text, encoding="utf-8")


def read_checksums(folder: Path) -> dict[str, str]:
    """Read the hashes by file name; empty where none were written, as by repcat of before 0.2.

    Raises:
        DataError: where the list itself is damaged.
    """
    path = folder / SUMS
    if not path.exists():
        return {}
    try:
        lines = [LINE.fullmatch(line) for line in path.read_text("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        lines = [None]
    if not all(lines):
        msg = f"{path} is damaged, so that nothing in {folder} can be checked; restore it"
        raise DataError(msg, code="checksums-damaged")
    return {line[2]: line[1] for line in lines if line}


def damaged_files(folder: Path, names: Iterable[str] | None = None) -> list[str]:
    """Return which files are not what was written, or are gone; of all by default.

    A name that the list lacks is damaged too, where there is a list.
    """
    known = read_checksums(folder)
    if not known:
        return []
    return [n for n in (known if names is None else names) if not _is_intact(folder, n, known)]


def _is_intact(folder: Path, name: str, known: Mapping[str, str]) -> bool:
    try:
        return file_hash(folder / name) == known.get(name)
    except OSError:
        return False


def _below(folder: Path) -> list[str]:
    found = (p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    shown = (p for p in found if not any(part.startswith(".") for part in p.parts))
    return [name for p in shown if (name := p.as_posix()) != SUMS]
