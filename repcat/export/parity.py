"""Parity: does an exported file give what the run's own network gives?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from repcat.errors import RunError
from repcat.export.source import Subject
from repcat.inference.engine.kinds import FLOAT32
from repcat.inference.engine.parity import largest_difference

# Of the window's width: 0.2 HU of -1000..1000.
TOLERANCE = FLOAT32

Function = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Agreement:
    """The largest difference of any voxel, as a share of the window's width, and what it was of."""

    largest: float
    largest_hu: float
    tolerance: float
    patients: int
    of: str

    def __str__(self) -> str:
        return (
            f"largest difference from eager {self.largest:.1e} of the window "
            f"({self.largest_hu:.1e} HU; refused above {self.tolerance:g}) on the X-rays of "
            f"{self.patients} patient{'s' * (self.patients != 1)} of {self.of}"
        )


@torch.no_grad()
def agreement(subject: Subject, exported: Function, eager: Function) -> Agreement:
    """Compare two functions from X-rays to HU on each patient alone.

    Raises:
        RunError: where they differ by more than TOLERANCE, or a value is not a number.
    """
    pairs = [(exported(xrays), eager(xrays)) for xrays in subject.xrays.split(1)]
    return check_parity(pairs, subject, TOLERANCE)


def check_parity(
    pairs: Sequence[tuple[Tensor, Tensor]], subject: Subject, tolerance: float
) -> Agreement:
    """Compare volumes in HU pair by pair; raises as `agreement` does."""
    hu = max(largest_difference(ours, theirs) for ours, theirs in pairs)
    window = subject.recipe.window
    share = hu / (window.high - window.low)
    if not share <= tolerance:
        msg = (
            f"the exported model differs from {subject.run.path} by {share:.1e} of the window "
            f"({hu:.3g} HU) on real X-rays, more than {tolerance:g}: nothing was written; "
            "export the folder without a format, or report the parts of its recipe.toml"
        )
        raise RunError(msg, code="export-differs")
    of = f"{subject.patients.name}, split {subject.split}"
    return Agreement(share, hu, tolerance, sum(len(a) for a, _ in pairs), of)
