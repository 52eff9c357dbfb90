"""The ramp filter of filtered back-projection, as one matrix for all rows of an image."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def ramp(columns: int) -> Tensor:
    """Return the ramp filter (columns, columns), symmetric: filtered row = row @ filter.

    The band-limited kernel of Ramachandran and Lakshminarayanan (1971) in units of the pixel,
    h(0) = 1 / 4 and h(n) = -1 / (pi n)^2 for odd n, times four: what is flat comes to about 0,
    a single bright pixel stays as bright.
    """
    numbers = torch.arange(columns, dtype=torch.float64)
    apart = (numbers[:, None] - numbers).abs()
    odd = torch.where(apart % 2 == 1, -1 / (math.pi * apart.clamp(min=1)) ** 2, 0.0)
    return 4 * torch.where(apart == 0, 0.25, odd).float()
