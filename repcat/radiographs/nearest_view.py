"""Nearest trained view: whose training X-rays a film taken at any angle is held against."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from repcat.view import View

# Degrees up to which a film is judged by a trained view's X-rays (docs/own-xrays.md has the rates).
NEAR = 15.0


@dataclass(frozen=True, slots=True)
class Nearest:
    """A trained view's number, how far off it is, and whether its X-rays are seen mirrored."""

    number: int
    degrees: float
    mirrored: bool = False

    @property
    def near(self) -> bool:
        """Whether X-rays of the two look alike."""
        return self.degrees <= NEAR


def nearest(view: View, trained: Sequence[View]) -> Nearest:
    """Find the trained view whose X-rays look most like those of a view.

    From the other side the same is seen mirrored, but for what a cone beam magnifies.
    """
    found = []
    for number, one in enumerate(trained):
        off, turned = apart(view, one), view.mirrored != one.mirrored
        found += [(off, 0, number, turned), (180 - off, 1, number, not turned)]
    degrees, _, number, mirrored = min(found)
    return Nearest(number, degrees, mirrored)


def apart(a: View, b: View) -> float:
    """Return how many degrees apart two views are, 0 to 180."""
    if a.tilt or b.tilt:
        cosine = sum(p * q for p, q in zip(a.source, b.source, strict=True))
        return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))
    turn = abs(a.azimuth - b.azimuth) % 360
    return min(turn, 360 - turn)
