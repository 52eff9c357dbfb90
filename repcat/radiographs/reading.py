"""Reading of a film: what a reading child finds in a file, before it is a `Film`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from repcat.io.strangers.job import Answer


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Pixels (rows, columns), float32, and what the file says; the fields are those of a `Film`.

    `named` says that the file's name holds what the header keeps as identity.
    """

    pixels: NDArray[Any]
    mm: tuple[float, float] | None = None
    grey: str | None = None
    view: str | None = None
    axes: tuple[str, str] | None = None
    steps: tuple[str, ...] = ()
    named: bool = False
    at_film: bool = False

    def answer(self, sha256: str) -> Answer:
        """Make an answer of it: lists and texts, empty where the file is silent."""
        return Answer(
            {
                "sha256": sha256,
                "mm": self.mm or (),
                "grey": self.grey or "",
                "view": self.view or "",
                "axes": self.axes or (),
                "steps": self.steps,
                "named": "yes" if self.named else "",
                "at_film": "yes" if self.at_film else "",
            },
            [self.pixels],
        )
