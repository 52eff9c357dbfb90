"""Lock: one writer a folder at a time; the second is told who has it, a crash leaves none behind.

The lock is the system's own (`flock`, by filelock) on the hidden file FOLDER/.lock, so it ends
with the process, however that ends. FOLDER/.writer says who has it; both files go when the block
ends, and what a crash leaves of them holds nobody up. Readers take no lock.

On NFS Linux (2.6.12 and later) sends such locks to the server, so they hold between machines. They
do not on mounts with `nolock` or `local_lock=flock`, where each machine keeps its own, and not at
all on some FUSE file systems. Where the system says so, a line on stderr does, and work goes on.
"""

from __future__ import annotations

import errno
import os
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from repcat.errors import DataError
from repcat.io.atomic import os_errors_as_data_errors
from repcat.io.writer import WRITER, Writer

if TYPE_CHECKING:
    from filelock import BaseFileLock

LOCK = ".lock"
PATIENCE = 60.0
"""Seconds that a writer which is ending, or is gone and leaves children, is waited for."""
UNSUPPORTED = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL)

_held: dict[Path, Writer] = {}
_told: set[Path] = set()


@contextmanager
def one_writer(folder: Path) -> Iterator[None]:
    """Let no other process write into a folder; within one process it may be nested.

    The folder is made where it is missing, and taken away again where nothing came into it.

    Raises:
        DataError: where another process writes there; one that is ending is waited for.
    """
    place = folder.resolve()
    if place in _held or (place.exists() and not place.is_dir()):
        yield
        return
    made = [path for path in (place, *place.parents) if not path.exists()]
    lock = _take(folder)
    try:
        _held[place] = Writer.here()
        _held[place].write(place)
        yield
    finally:
        _held.pop(place, None)
        _give_back(place, lock)
        with suppress(OSError):
            for path in made:
                path.rmdir()


def say_ending() -> None:
    """Let those who ask for what this process holds know that it is about to end."""
    for folder, writer in [*_held.items()]:
        if writer.process == os.getpid():  # not a forked child
            writer.ending = True
            with suppress(DataError):
                writer.write(folder)


def _take(folder: Path) -> BaseFileLock | None:
    """Return the lock, or None where the file system has none; wait for a writer that is ending."""
    from filelock import Timeout

    until = time.monotonic() + PATIENCE
    while True:
        with suppress(FileNotFoundError):  # the last writer took the empty folder away
            try:
                with os_errors_as_data_errors(folder):
                    folder.mkdir(parents=True, exist_ok=True)
                return _try(folder)
            except Timeout:
                writer = Writer.read(folder)
                if time.monotonic() > until or (writer and not writer.will_end):
                    who = writer or "another process"
                    msg = (
                        f"{folder} is being written by {who}; wait for it or stop it; "
                        "docs/messages.md#being-written"
                    )
                    raise DataError(msg, code="being-written") from None
        time.sleep(0.1)


def _try(folder: Path) -> BaseFileLock | None:
    from filelock import FileLock, SoftFileLock, Timeout

    lock = FileLock(folder / LOCK, timeout=0, thread_local=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # filelock's own, of what it does without locks
            lock.acquire()
    except (Timeout, FileNotFoundError):
        raise
    except NotImplementedError:
        return _without(folder)
    except OSError as error:
        if error.errno in UNSUPPORTED:
            return _without(folder)
        with os_errors_as_data_errors(folder):
            raise
    if isinstance(lock, SoftFileLock):  # its file would outlive a crash
        lock.release()
        return _without(folder)
    return lock


def _without(folder: Path) -> BaseFileLock | None:
    if folder not in _told:
        _told.add(folder)
        words = "its file system has no locks; see to it that nothing else writes there"
        print(f"note: {folder}: {words}", file=sys.stderr)
    return None


def _give_back(folder: Path, lock: BaseFileLock | None) -> None:
    """Take the two files away while the lock still holds; who waits sees that its file is gone."""
    for name in (WRITER, LOCK) if lock else (WRITER,):
        with suppress(OSError):
            (folder / name).unlink(missing_ok=True)
    if lock:
        lock.release()
