"""Verdict of a comparison, and what counts as the same on another machine."""

from __future__ import annotations

from dataclasses import dataclass

SAME = "equal bits"
# What sums in another order come to on another machine; docs/reproduce.md says how measured.
SCORES = 1e-4  # of a figure's size: the same volumes scored again
LOSSES = 1e-3  # of a loss's size: in the first steps of a training
FIRST = 10  # these steps
REPREDICTED_DB = 60.0  # PSNR between volumes of the same weights
RETRAINED_DB = 40.0  # PSNR between volumes of weights that were trained again


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether two results have the same bits, and whether they are near enough elsewhere."""

    words: str = SAME
    equal: bool = True
    near: bool = True

    def holds(self, exact: bool) -> bool:
        """Whether it is what was promised: the same bits, or within the tolerance."""
        return self.equal or (self.near and not exact)

    def __and__(self, other: Verdict) -> Verdict:
        """Return both in one: what differs is told."""
        told = dict.fromkeys(one.words for one in (self, other) if not one.equal)
        words = "; ".join(told) or self.words
        return Verdict(words, self.equal and other.equal, self.near and other.near)


def refused(error: Exception) -> Verdict:
    """Return the verdict of what cannot even be read."""
    return Verdict(str(error), equal=False, near=False)
