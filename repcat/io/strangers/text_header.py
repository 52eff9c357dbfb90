"""Text header (MetaImage, NRRD): what it claims of the numbers behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from repcat.errors import DataError

LONGEST = 1 << 16  # bytes of a header that are looked at; they have a few hundred
CUT = "cannot be read: cut short, damaged, or not what its name says; copy or export it again"
NUMBER = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Claim:
    """Bytes of the numbers when unpacked, whether they are packed, and the file they are in."""

    bytes: int
    packed: bool
    data: Path


def first_bytes(path: Path) -> bytes:
    """Read as much of a file as a header may take."""
    with path.open("rb") as file:
        return file.read(LONGEST)


def positive(words: Sequence[str], field: str) -> list[int]:
    """Read whole numbers above zero, of nine digits at most: no scan has more."""
    if not words or not all(NUMBER.fullmatch(word) for word in words):
        refuse(field)
    return [int(word) for word in words]


def refuse(field: str) -> NoReturn:
    """Raise DataError over a field that says what no sound file's does."""
    msg = f"its header says nothing possible of {field}: damaged or hostile; copy or export it "
    raise DataError(msg + "again, or leave it out", code="header-impossible")
