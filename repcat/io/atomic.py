"""Atomic writes: files and folders that are whole or not there; beside, synced, renamed."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from repcat.errors import DataError

TEMPORARY, ASIDE = ".tmp", ".old.tmp"


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; it takes its name when the block ends well.

    Raises:
        DataError: when the disk is full or the folder cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp{path.suffix}")
    with os_errors_as_data_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
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
    for aside in [*folder.rglob(f".*{ASIDE}")]:
        name = aside.name.removesuffix(ASIDE)[1:].rpartition(".")[0]
        if name and not (path := aside.with_name(name)).exists():
            aside.rename(path)
    for part in sorted(folder.rglob(".*.tmp*")):
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)


def _hidden(path: Path, ending: str) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}{ending}")


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
