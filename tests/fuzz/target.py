"""Fuzz target: a reader of the program, valid inputs to start from, and the words it knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from repcat.errors import RepcatError
from repcat.io.checksums import SUMS

LONGEST_MESSAGE = 20_000
Read = Callable[[bytes], object]


class LongMessageError(Exception):
    """A message for the user that echoes its input without end."""


@dataclass(frozen=True)
class Target:
    """`build` fills an empty folder with what the reader needs; gives valid inputs and the reader.

    `share` is how many executions it gets for each of another target's: slow ones get fewer.
    """

    name: str
    build: Callable[[Path], tuple[Sequence[bytes], Read]]
    words: tuple[bytes, ...] = ()
    share: float = 1.0


TARGETS: dict[str, Target] = {}


def target(
    name: str, words: str | bytes = b"", share: float = 1.0
) -> Callable[[Callable[[Path], tuple[Sequence[bytes], Read]]], object]:
    """Register a target; `words` are apart by blanks."""
    known = words.encode() if isinstance(words, str) else words

    def add(build: Callable[[Path], tuple[Sequence[bytes], Read]]) -> object:
        TARGETS[name] = Target(name, build, tuple(known.split()), share)
        return build

    return add


def build(name: str, folder: Path) -> tuple[Sequence[bytes], Read]:
    """Make a target's folder ready; lists of checksums are taken away, for who forges a file
    forges them too, and what an older repcat wrote has none."""
    seeds, read = TARGETS[name].build(folder)
    for file in folder.rglob(SUMS) if name != SUMS else ():
        file.unlink()
    return seeds, read


def attempt(read: Read, data: bytes) -> BaseException | None:
    """Read once; return what a user must never see, None where all is well."""
    try:
        read(data)
    except RepcatError as error:
        if len(str(error)) > LONGEST_MESSAGE:
            return LongMessageError(f"{type(error).__name__} of {len(str(error)):,} letters")
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  (whatever it is, it is a finding)
        return error
    return None


def place_of(error: BaseException) -> str:
    """Name an error by its type and the innermost line of this project that it came through."""
    here = Path(__file__).resolve().parents[2]
    place, frame = "?", error.__traceback__
    while frame is not None:
        file = Path(frame.tb_frame.f_code.co_filename)
        if here in file.parents and "tests" not in file.relative_to(here).parts:
            place = f"{file.relative_to(here)}:{frame.tb_lineno}"
        frame = frame.tb_next
    return f"{type(error).__name__} at {place}"
