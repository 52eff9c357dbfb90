"""NumPy files: numbers alone, never objects, and never more than the file holds."""

from __future__ import annotations

import math
import tokenize
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from repcat.errors import DataError

WRONG = (OSError, ValueError, EOFError, SyntaxError, TypeError, OverflowError, RecursionError)


def read_npy(path: Path) -> NDArray[Any]:
    """Read an array of numbers that numpy.save wrote.

    Raises:
        DataError: where it is something else: an archive, objects, a cut or damaged file.
    """
    try:
        with path.open("rb") as file:
            version = npy.read_magic(file)
            read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, _, kind = read(file)
            held = path.stat().st_size - file.tell()
        if kind.hasobject or min(shape, default=0) < 0 or math.prod(shape) * kind.itemsize > held:
            raise ValueError
        return np.asarray(np.load(path, allow_pickle=False))
    except (*WRONG, tokenize.TokenError):
        msg = "cannot be read as an array of numbers; write it with numpy.save"
        raise DataError(msg, code="file-damaged") from None
