"""Job of a reading child, and its answer: facts that JSON holds, and arrays of numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Job:
    """Files to read, options, and `opens(path)`, which tells the parent what is read just now."""

    paths: Sequence[Path]
    options: Mapping[str, Any]
    opens: Callable[[Path], None] = lambda _path: None

    @property
    def path(self) -> Path:
        """Return the file, or the first of several."""
        return self.paths[0]

    @property
    def large(self) -> bool:
        """Whether the user said yes to files that unpack to a suspicious lot."""
        return bool(self.options.get("large"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reading function found."""

    facts: Mapping[str, Any]
    arrays: Sequence[NDArray[Any]] = ()


Reads = Callable[[Job], Answer]
