"""Parity: does something else give what eager gives?"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from repcat.errors import RepcatError
from repcat.inference.engine.engine import Engine, Function
from repcat.inference.engine.kinds import Kind


def largest_difference(ours: Tensor, theirs: Tensor) -> float:
    """Return the largest difference; infinite where shapes differ or something is no number."""
    if ours.shape != theirs.shape or not ours.isfinite().all():
        return math.inf
    return float((ours - theirs).abs().max())


@torch.no_grad()
def check_parity(engine: Engine, kind: Kind, eager: Function, reads: Sequence[Tensor]) -> float:
    """Return the largest difference from eager float32, in shares of the window's width.

    Volumes are compared in [0, 1], clipped as they are saved.

    Raises:
        RepcatError: where it is more than the kind's tolerance, or no number.
    """
    pairs = [(engine.volumes(read).cpu(), eager(read).cpu()) for read in reads]
    found = max(largest_difference(a.clamp(0, 1), b.clamp(0, 1)) for a, b in pairs)
    if not found <= kind.tolerance:
        msg = (
            f"engine {kind.name} differs from eager by {found:.1e} of the window, more than "
            f"{kind.tolerance:g}, so it is not used; take --engine eager"
        )
        raise RepcatError(msg, code="engine-differs")
    return found
