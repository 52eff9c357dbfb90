"""Findings: what a person should know before believing a result."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Caution:
    """A warning in words, with what was measured and the limit it went past.

    `code` is one word for programs; docs/own-xrays.md#warnings lists them.
    """

    code: str
    text: str
    measure: float | None = None
    limit: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return asdict(self)
