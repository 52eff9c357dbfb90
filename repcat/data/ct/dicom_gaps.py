"""Gaps in a DICOM stack: slices that are missing, held twice, uneven or tilted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from repcat.data.ct.dicom_slices import Slice

SHORTEST_MM = 40.0  # a shorter slab shows no chest: less than a third of a lung's height
TILT_DEGREES = 0.5
SAME_MM = 0.01  # nearer than any scanner puts two slices


def faults_of_stack(slices: Sequence[Slice]) -> list[str]:
    """Say what is wrong with slices that are in the order of their normal; nothing if all is well.

    A step of more than 1.5 times the median is a gap.
    """
    if len(slices) == 1:
        return ["a single slice: give the folder that holds the whole series"]
    normal = slices[0].normal
    positions = np.asarray([s.position for s in slices])
    heights = positions @ normal
    length = float(heights[-1] - heights[0])
    steps = np.diff(heights)
    faults = _twice(int((steps < SAME_MM).sum()))
    if not faults:
        faults = _missing(slices, steps) or _uneven(steps) + _tilted(positions, normal, length)
    if length < SHORTEST_MM:
        faults.append(
            f"{len(slices)} slices span {length:.4g} mm, less than {SHORTEST_MM:g}: "
            "too little of a chest; give the whole series"
        )
    return faults


def _twice(n: int) -> list[str]:
    """Report positions that several slices share."""
    told = f"{n} slice{'s' * (n != 1)} lie where another lies: several phases, echoes or exports"
    return [f"{told} in one series; export each as its own series"] * bool(n)


def _missing(slices: Sequence[Slice], steps: NDArray[np.float64]) -> list[str]:
    """Report gaps: how many slices each, and between which files."""
    step = float(np.median(steps))
    holes = [(k, round(s / step) - 1) for k, s in enumerate(steps) if s > 1.5 * step]
    names = [one.path.name for one in slices]
    places = ", ".join(f"{n} between {names[k]} and {names[k + 1]}" for k, n in holes[:4])
    more = f" and {len(holes) - 4} more gaps" if len(holes) > 4 else ""
    total = sum(n for _, n in holes)
    are = "slice is" if total == 1 else "slices are"
    return [f"{total} {are} missing: {places}{more}; copy the whole series again"] * bool(holes)


def _uneven(steps: NDArray[np.float64]) -> list[str]:
    """Report slices that an even stack would misplace by more than a tenth of a step."""
    drift = np.cumsum(steps - steps.mean())
    if np.abs(drift).max() <= max(0.1 * steps.mean(), 0.05):
        return []
    return [
        f"slices lie unevenly, {steps.min():.4g} to {steps.max():.4g} mm apart; export each part "
        "as its own series or resample it"
    ]


def _tilted(
    positions: NDArray[np.float64], normal: NDArray[np.float64], length: float
) -> list[str]:
    """Report a stack that leans over: a tilted gantry."""
    lean = positions[-1] - positions[0] - length * normal
    angle = float(np.degrees(np.arctan2(np.linalg.norm(lean), length)))
    if angle <= TILT_DEGREES:
        return []
    return [f"the gantry was tilted by {angle:.1f} degrees: straighten it first, with dcm2niix"]
