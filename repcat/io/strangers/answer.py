"""Answer of a reading child as its parent takes it: nothing in it is believed unseen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repcat.errors import DataError


@dataclass(frozen=True, slots=True)
class Facts:
    """What a child says of a file, each value of the type that is asked for, or a DataError."""

    values: Mapping[str, Any]
    arrays: Sequence[NDArray[Any]] = ()

    def text(self, key: str) -> str:
        """Return a text."""
        value = self.values.get(key)
        if not isinstance(value, str):
            raise nonsense()
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return several."""
        value = self.items(key)
        if not all(isinstance(one, str) for one in value):
            raise nonsense()
        return tuple(value)

    def numbers(self, key: str, count: int | None = None) -> tuple[float, ...]:
        """Return finite numbers, so many or any number of them."""
        value = self.items(key)
        if count not in (None, len(value)) or not all(
            type(n) in (int, float) and math.isfinite(n) for n in value
        ):
            raise nonsense()
        return tuple(value)

    def items(self, key: str) -> Sequence[Any]:
        """Return a list of anything."""
        value = self.values.get(key)
        if not isinstance(value, list | tuple):
            raise nonsense()
        return value

    def inner(self, key: str) -> Facts:
        """Return a table, as facts."""
        value = self.values.get(key)
        if not isinstance(value, dict):
            raise nonsense()
        return Facts(value)

    def array(self, axes: int) -> NDArray[Any]:
        """Return the one array, of so many axes."""
        if len(self.arrays) != 1 or self.arrays[0].ndim != axes:
            raise nonsense()
        return self.arrays[0]


def empty_array(told: Any, most: int) -> NDArray[Any]:  # noqa: ANN401  (out of JSON)
    """Make room for an array of a type and shape that a child tells: numbers, no more than `most`.

    Raises:
        DataError: when it is anything else.
    """
    try:
        name, shape = told
        kind = np.dtype(str(name))
        sides = [int(n) for n in shape]
        if kind.kind not in "iuf" or min(sides, default=1) < 1 or len(sides) > 8:
            raise nonsense()
        if math.prod(sides) * kind.itemsize > most:
            raise nonsense()
        return np.empty(sides, kind)
    except (TypeError, ValueError, OverflowError, MemoryError):
        raise nonsense() from None


def nonsense() -> DataError:
    """Make the error of a child that a file has taken over, or broken."""
    msg = "its reader gave no sensible answer: the file is damaged or hostile; leave it out"
    return DataError(msg, code="reader-nonsense")
