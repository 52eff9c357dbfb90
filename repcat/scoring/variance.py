"""Variance between patients: 0 where all of them have one volume."""

from __future__ import annotations

from torch import Tensor


def variances(volumes: Tensor) -> Tensor:
    """Return each patient's share (P,) of the unbiased variance of (P, ...), mean over voxels."""
    apart = (volumes - volumes.mean(dim=0)).double().square()
    return apart.flatten(1).mean(dim=1) * len(volumes) / (len(volumes) - 1)
