"""Lattices: what a network's strides leave in a volume, patterns of 2, 4 or 8 voxels' period."""

from __future__ import annotations

import math

from torch import Tensor

from repcat.analysis.checkerboard import AXES, spectrum

PERIODS = (2, 4, 8)
# Frequencies are n / period waves a line; the window spreads a pattern to the two beside it.
BESIDE = (-4, -3, -2, 2, 3, 4)
SPREAD = 6  # a period is looked for where its frequency is this far from 0, the mean


def lattice(volume: Tensor) -> dict[str, float]:
    """Compare a volume's (D, H, W) energy at the frequencies of a stride with that beside them.

    `lattice_2`, `_4`, `_8`: energy of the pattern of so many voxels' period over the geometric mean
    of what lies two to four frequencies beside it, the largest of the three axes. 1: no lattice;
    what is above 1 is its energy in units of what is there anyway. `lattice` is the largest of
    them, NaN where there is none: a period is left out where a side is no multiple of it or holds
    fewer than six waves.
    """
    found = {}
    lines = [spectrum(volume, axis) for axis in range(len(AXES))]
    for period in PERIODS:
        sides = [(e, n) for e, n in zip(lines, volume.shape, strict=True) if _holds(n, period)]
        if sides:
            found[f"lattice_{period}"] = max(_standing_out(e, n // period) for e, n in sides)
    return {"lattice": max(found.values(), default=math.nan), **found}


def _holds(n: int, period: int) -> bool:
    return n % period == 0 and n // period >= SPREAD


def _standing_out(energy: Tensor, at: int) -> float:
    beside = energy[[at + k for k in BESIDE if 0 < at + k < len(energy)]]
    level = beside.clamp(min=1e-30).log().mean().exp()
    return float(energy[at].clamp(min=1e-30) / level)
