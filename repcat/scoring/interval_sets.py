"""Interval sets: a volume between two quantiles, made wider or narrower by one factor."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from repcat.scoring.risk_control import FACTORS
from repcat.types import Window

# Neither side is narrower than this share of the window at factor 1 (1 HU of -1000..1000): where
# the quantiles meet or cross, no factor would widen it.
LEAST = 1 / 2000


class Quantiles(NamedTuple):
    """A volume, its lower and its upper quantile, each (..., D, H, W) in HU within the window."""

    volume: Tensor
    lower: Tensor
    upper: Tensor

    def sides(self, window: Window) -> tuple[Tensor, Tensor]:
        """Return how far the interval reaches below and above the volume at factor 1, in HU."""
        least = LEAST * (window.high - window.low)
        below, above = self.volume - self.lower, self.upper - self.volume
        return below.clamp(min=least), above.clamp(min=least)

    def at(self, factor: float, window: Window) -> tuple[Tensor, Tensor]:
        """Return [m - l (m - lower), m + l (upper - m)], cut to the window."""
        below, above = self.sides(window)
        low, high = self.volume - factor * below, self.volume + factor * above
        return low.clamp(window.low, window.high), high.clamp(window.low, window.high)

    def needed(self, truth: Tensor, window: Window) -> Tensor:
        """Return the factor from which on each voxel of a truth in HU, cut to the window, is in."""
        below, above = self.sides(window)
        error = truth.float().clamp(window.low, window.high) - self.volume
        return torch.where(error < 0, -error / below, error / above)

    def missed(self, truth: Tensor, where: Tensor, window: Window) -> NDArray[np.float64]:
        """Return the share of voxels of a mask that each of FACTORS misses: it falls with them."""
        needed = np.sort(self.needed(truth, window)[where].double().numpy())
        inside = np.searchsorted(needed, FACTORS, side="right")
        share: NDArray[np.float64] = 1 - inside / len(needed)
        return share
