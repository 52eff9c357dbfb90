"""What a suite of `repcat bench` is given, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from repcat.bench.timing import Timing


def _silent(line: str) -> None:
    del line


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line may choose. `batch` 0 is a case's own; `tell` hears what is done."""

    on: str = "cpu"
    repeats: int = 5
    size: int = 64
    recipe: Path | None = None
    settings: tuple[str, ...] = ()
    against: str = ""
    cases: str = ""
    batch: int = 0
    tell: Callable[[str], None] = _silent


@dataclass(frozen=True, slots=True)
class Found:
    """What a suite measured, on which device; of training, the losses of each variant's steps.

    `refused` says of a variant that cannot run here why.
    """

    timings: list[Timing]
    on: str = "cpu"
    losses: Mapping[str, list[dict[str, float]]] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
