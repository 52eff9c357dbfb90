"""Atomic writes: files and folders that are whole or not there; beside, synced, renamed."""

from __future__ import annotations

import errno
import glob
import os
import platform
import re
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from repcat.errors import DataError
from repcat.io.process import is_alive

TEMPORARY, ASIDE = ".tmp", ".old.tmp"
# Names on the way to theirs tell whose they are; the machine by a short sum of its name.
HOST = f"{zlib.crc32(platform.node().encode()):08x}"
OWNED = re.compile(r"\.(?P<name>.+)\.(?P<host>[0-9a-f]{8})\.(?P<process>\d+)(\.old)?\.tmp(\..*)?")


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; it takes its name when the block ends well.

    Raises:
        DataError: when the disk is full or the folder cannot be written.
    """
    temporary = _hidden(path, f"{TEMPORARY}{path.suffix}")
    with os_errors_as_data_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _take_over(path)
        try:
            yield temporary
            _sync(temporary)
            temporary.replace(path)
            _sync_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder beside `path`; it takes its name when the block ends well.

    A folder that has the name is set aside before and deleted after. Killed between the two
    renames, both are there under hidden names, and `sweep` puts the old one back.
    """
    with os_errors_as_data_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _take_over(path)
        temporary = _hidden(path, TEMPORARY)
        shutil.rmtree(temporary, ignore_errors=True)
        try:
            temporary.mkdir()
            yield temporary
            _sync_tree(temporary)
            _put(temporary, path)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def remove_folder(path: Path) -> None:
    """Delete a folder: it loses its name first, so that a kill leaves no half of it in place."""
    with os_errors_as_data_errors(path):
        hidden = _hidden(path, TEMPORARY)
        shutil.rmtree(hidden, ignore_errors=True)
        path.rename(hidden)
        shutil.rmtree(hidden)


def _put(new: Path, path: Path) -> None:
    """Rename a folder to `path`, and delete what was there."""
    aside = _hidden(path, ASIDE)
    if path.exists():
        shutil.rmtree(aside, ignore_errors=True)
        path.rename(aside)
    try:
        new.rename(path)
    except OSError:
        if aside.exists():
            aside.rename(path)
        raise
    _sync_folder(path.parent)
    if aside.exists():
        remove_folder(aside)


@contextmanager
def os_errors_as_data_errors(path: Path) -> Iterator[None]:
    """Turn what the system says of a failed write into a DataError that helps."""
    try:
        yield
    except OSError as error:
        raise DataError(_words(error, path), code="cannot-write") from None


def sweep(folder: Path) -> None:
    """Take away what a killed process left half-written anywhere below a folder.

    A folder that was set aside for one that never took its place gets its name back.
    """
    _clear([*folder.rglob(f".*{TEMPORARY}*")])


def _take_over(path: Path) -> None:
    """Take away what processes of this machine that are gone left beside `path` for it."""
    beside = path.parent.glob(f".{glob.escape(path.name)}.*{TEMPORARY}*")
    gone = [p for p in beside if (own := OWNED.fullmatch(p.name)) and _is_gone(own)]
    _clear(gone)


def _is_gone(own: re.Match[str]) -> bool:
    return own["host"] == HOST and not is_alive(int(own["process"]))


def _clear(parts: list[Path]) -> None:
    for aside in [p for p in parts if p.name.endswith(ASIDE)]:
        own = OWNED.fullmatch(aside.name)
        if own and not (path := aside.with_name(own["name"])).exists():
            aside.rename(path)
    for part in sorted(parts):
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)


def _hidden(path: Path, ending: str) -> Path:
    """Name what is on its way to `path` after this machine and process."""
    return path.with_name(f".{path.name}.{HOST}.{os.getpid()}{ending}")


def _sync_tree(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            _sync_folder(path)
        elif path.is_file():
            _sync(path)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    """Bring a folder's names to the disk, where the system can: some network disks cannot."""
    with suppress(OSError):
        number = os.open(path, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _words(error: OSError, path: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full: {path} was not written; free some space and run it again"
    return f"cannot write {path}: {error.strerror or error}; choose a place that you may write to"
