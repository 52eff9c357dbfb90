"""Harmonics of the azimuth: what each view saw, kept without an order of the views."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import Tensor

from repcat import View


def harmonics(views: Sequence[View], orders: int) -> list[list[float]]:
    """Return cos a, sin a, cos 2a, sin 2a, ... of the azimuth of each view's source, (N, 2 orders).

    Means over views of a value times each, beside the mean itself, are numbers that do not know the
    order of the views and from which a linear layer can tell 2 orders + 1 of them apart.
    """
    angles = [math.atan2(view.source[1], view.source[0]) for view in views]
    return [[f(k * a) for k in range(1, orders + 1) for f in (math.cos, math.sin)] for a in angles]


def waves(seen_BNCDHW: Tensor, views: Sequence[View], orders: int) -> Tensor:
    """Return means over views of what each saw times its harmonics: (B, 2 orders C, D, H, W)."""
    weights_NK = seen_BNCDHW.new_tensor(harmonics(views, orders))
    found: Tensor = weights_NK.T @ seen_BNCDHW.flatten(2) / len(views)
    pooled: Tensor = found.unflatten(2, seen_BNCDHW.shape[2:])
    return pooled.flatten(1, 2)
