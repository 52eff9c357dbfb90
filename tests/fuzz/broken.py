"""Readers that break every promise, to see that a campaign finds each."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Sequence
from pathlib import Path

from repcat.errors import DataError
from tests.fuzz.target import Read, target


def _unless_seed(break_it: Read) -> Read:
    return lambda data: None if data == b"seed" else break_it(data)


@target("good")
def good(folder: Path) -> tuple[Sequence[bytes], Read]:
    """Refuse in a line."""

    def refuse(data: bytes) -> None:
        raise DataError("no", code="no")

    return [b"seed"], _unless_seed(refuse)


@target("traceback")
def trace(folder: Path) -> tuple[Sequence[bytes], Read]:
    """Raise what is no RepcatError."""
    return [b"seed"], _unless_seed(lambda data: {}["no"])


@target("echo")
def echo(folder: Path) -> tuple[Sequence[bytes], Read]:
    """Refuse with all of the input."""

    def refuse(data: bytes) -> None:
        raise DataError("x" * 100_000, code="no")

    return [b"seed"], _unless_seed(refuse)


@target("memory")
def memory(folder: Path) -> tuple[Sequence[bytes], Read]:
    """Take 2 GB."""
    return [b"seed"], _unless_seed(lambda data: bytes(2_000_000_000))


@target("crash")
def crash(folder: Path) -> tuple[Sequence[bytes], Read]:
    """Read where nothing is."""
    return [b"seed"], _unless_seed(lambda data: ctypes.string_at(0))


@target("hang")
def hang(folder: Path) -> tuple[Sequence[bytes], Read]:
    """Wait for ever."""
    return [b"seed"], _unless_seed(lambda data: time.sleep(1_000))
