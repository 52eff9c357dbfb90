"""Reading apart: the one reading child of this process, started anew after each crash."""

from __future__ import annotations

import atexit
import os
import threading
from pathlib import Path

from repcat.errors import DataError
from repcat.io.strangers.access import why_closed
from repcat.io.strangers.answer import Facts
from repcat.io.strangers.image_file import companions
from repcat.io.strangers.reading_child import ReadingChild

_children: dict[int, ReadingChild] = {}  # by process: a fork must not speak through our pipes
_turn = threading.RLock()


def read_apart(function: str, *paths: Path, large: bool = False) -> Facts:
    """Have `function` ('module:name', of a `Job`) read files in a child process.

    `large` is the user's yes to files that unpack to a suspicious lot.

    Raises:
        DataError: without the file's name where there is one alone; a crash is one, too.
    """
    paths = tuple(path.absolute() for path in paths)
    for path in paths:
        if reason := why_closed(path):
            raise DataError(reason, code="file-closed")
    more = companions(paths[0]) if len(paths) == 1 else ()
    with _turn:
        return _child().read(function, (*paths, *more), {"large": large})


def start_child(function: str) -> None:
    """Start the reading child, if none is there, for `function` ('module:name').

    It starts beside whatever this process does until it reads the first file.

    Raises:
        DataError: when no process can be started.
    """
    with _turn:
        _child(function.partition(":")[0])


def _child(ahead: str = "") -> ReadingChild:
    child = _children.get(os.getpid())
    if child is None or child.late or child.process.poll() is not None:
        child = _children[os.getpid()] = ReadingChild(ahead=ahead)
    return child


def _close() -> None:
    if child := _children.pop(os.getpid(), None):
        child.close()


atexit.register(_close)
