"""What a split divides: scans, of which several may be one patient's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Member:
    """A scan that a split places: its id, its label below the SOURCE, whose it is."""

    id: str
    label: str
    patient: str


class Split(Protocol):
    """A rule that places scans."""

    @property
    def text(self) -> str:
        """How it was asked for."""
        ...

    def assign(self, members: Sequence[Member]) -> dict[str, str]:
        """Return the split of each id; an id that is not in it belongs nowhere."""
        ...
