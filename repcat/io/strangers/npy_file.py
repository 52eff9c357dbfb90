"""NumPy files: numbers alone, never objects, and never more than the file holds."""

from __future__ import annotations

import math
import tokenize
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from repcat.errors import DataError

LONGEST = 1 << 16  # bytes of a header, which has about a hundred
WRONG = (OSError, ValueError, EOFError, SyntaxError, TypeError, OverflowError, RecursionError)


def read_npy(path: Path) -> NDArray[Any]:
    """Read an array of numbers that numpy.save wrote.

    Raises:
        DataError: where it is something else: an archive, objects, a cut or damaged file.
    """
    try:
        with path.open("rb") as file:
            shape, kind = _header(file)
            held = path.stat().st_size - file.tell()
        if kind.hasobject or min(shape, default=0) < 0 or math.prod(shape) * kind.itemsize > held:
            raise ValueError
        return np.asarray(np.load(path, allow_pickle=False))
    except (*WRONG, tokenize.TokenError):
        msg = "cannot be read as an array of numbers; write it with numpy.save"
        raise DataError(msg, code="file-damaged") from None


def _header(file: BinaryIO) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Read the shape and the type; a header longer than any is not."""
    start = file.read(12)
    one = start[6:8] == b"\1\0"
    length = int.from_bytes(start[8 : 10 if one else 12], "little")
    if length > LONGEST or start[6:8] not in (b"\1\0", b"\2\0", b"\3\0"):
        raise ValueError
    file.seek(0)
    npy.read_magic(file)
    shape, _, kind = (npy.read_array_header_1_0 if one else npy.read_array_header_2_0)(file)
    return shape, kind
