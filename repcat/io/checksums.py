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
Line = tuple[str, str]  # a name and a hash


def file_hash(path: Path) -> str:
    """Return a file's SHA-256 in hex; it is read in pieces, so its size does not matter."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_checksums(folder: Path, names: Iterable[str] | None = None) -> None:
    """Write a folder's SHA256SUMS: of the files named, by default of all below it.

    Hidden files are none of them. `cd folder; sha256sum -c SHA256SUMS` checks it without repcat.
    """
    files = names if names is not None else _below(folder)
    _write(folder, {(name, file_hash(folder / name)) for name in files})


def write_listed(folder: Path, texts: Mapping[str, str]) -> None:
    """Write text files and the list of them; the list first, the last text last.

    Killed in between, a file is listed and not there; none is there that is not what is listed.
    """
    _write(folder, {(name, text_hash(text)) for name, text in texts.items()})
    for name, text in texts.items():
        with atomic_file(folder / name) as part:
            part.write_bytes(text.encode())


def rewrite_listed(folder: Path, name: str, text: str) -> None:
    """Put a new text in the place of a file and of its line in the list.

    Both hashes are listed while the file is replaced: killed at any time, it is as listed.
    """
    new, known = (name, text_hash(text)), _read(folder)
    _write(folder, known | {new})
    with atomic_file(folder / name) as part:
        part.write_bytes(text.encode())
    _write(folder, {line for line in known if line[0] != name} | {new})


def read_checksums(folder: Path) -> dict[str, str]:
    """Read the hashes by file name; empty where none were written, as by repcat of before 0.2.

    Raises:
        DataError: where the list itself is damaged.
    """
    return dict(sorted(_read(folder)))


def damaged_files(folder: Path, names: Iterable[str] | None = None) -> list[str]:
    """Return which files are not what was written, or are gone; of all by default.

    A name that the list lacks is damaged too, where there is a list.
    """
    known = _read(folder)
    if not known:
        return []
    wanted = read_checksums(folder) if names is None else names
    return [name for name in wanted if not _is_intact(folder, name, known)]


def text_hash(text: str) -> str:
    """Return the hash that the file of a text has."""
    return hashlib.sha256(text.encode()).hexdigest()


def _is_intact(folder: Path, name: str, known: set[Line]) -> bool:
    path = folder / name
    try:
        return path.is_file() and (name, file_hash(path)) in known
    except (OSError, ValueError):  # a name of a damaged list may be none at all
        return False


def _read(folder: Path) -> set[Line]:
    path = folder / SUMS
    if not path.exists():
        return set()
    try:
        text = path.read_text("utf-8").removesuffix("\n")
        lines = [LINE.fullmatch(line) for line in text.split("\n")]
    except (OSError, UnicodeDecodeError):
        lines = [None]
    if not all(lines):
        msg = f"{path} is damaged, so that nothing in {folder} can be checked; restore it"
        raise DataError(msg, code="checksums-damaged")
    return {(line[2], line[1]) for line in lines if line}


def _write(folder: Path, lines: set[Line]) -> None:
    with atomic_file(folder / SUMS) as part:
        part.write_text("".join(f"{found}  {name}\n" for name, found in sorted(lines)), "utf-8")


def _below(folder: Path) -> list[str]:
    found = (p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    shown = (p for p in found if not any(part.startswith(".") for part in p.parts))
    return [name for p in shown if (name := p.as_posix()) != SUMS]
