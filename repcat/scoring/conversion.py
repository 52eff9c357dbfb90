"""Conversion of published figures from one protocol's scale to another's."""

from __future__ import annotations

import math
from dataclasses import dataclass

from repcat.errors import RecipeError
from repcat.registry.parts import Parts
from repcat.scoring.protocols import Protocol, protocol


@dataclass(frozen=True, slots=True)
class Conversion:
    """A PSNR on another protocol's scale, what was done to it, and what cannot be undone."""

    figure: float
    result: float
    source: Protocol
    target: Protocol

    @property
    def why(self) -> tuple[str, ...]:
        """One line for each step, ending with the sum."""
        lines = [_offset(self.source, "-"), _offset(self.target, "+")]
        steps = f"- {self.source.offset_db:.3f} + {self.target.offset_db:.3f}"
        total = f"{self.figure:g} {steps} = {self.result:.3f} dB"
        return (*(line for line in lines if line), total)

    @property
    def not_undone(self) -> tuple[str, ...]:
        """What still separates the result from a figure that was scored by the target protocol."""
        if self.source.name == self.target.name:
            return ()
        own = [f"{p.name}: {line}" for p in (self.source, self.target) for line in p.irreversible]
        return tuple(own)


def convert(figure: float, source: str, target: str, parts: Parts) -> Conversion:
    """Bring a PSNR in dB from one protocol's range to another's.

    Only the constant 20 log10(peak / range) can be moved: 6.224 dB in the paper's code (4095 over
    2000), 4.286 dB in X2CT-GAN's (4095 over 2500), 0 in `standard`.
    """
    if not math.isfinite(figure):
        msg = f"{figure} is no PSNR; give a number of decibels such as 24.32"
        raise RecipeError(msg, code="not-a-psnr")
    a, b = protocol(source, parts), protocol(target, parts)
    return Conversion(figure, figure - a.offset_db + b.offset_db, a, b)


def _offset(side: Protocol, sign: str) -> str:
    if side.peak == side.span:
        return ""
    return (
        f"{side.name} takes {side.peak:g} for the peak of values that span {side.span:g}: "
        f"{sign}20 log10({side.peak:g}/{side.span:g}) = {sign}{side.offset_db:.3f} dB"
    )
