"""Breath: a film that was taken at another breath than the first, higher, lower, stretched."""

from __future__ import annotations

import torch
from torch import Tensor


def breathe(images: Tensor, scale: float, rows: float) -> Tensor:
    """Stretch images (C, rows, columns) in height about their middle, then move them down.

    By a share and by rows, linear between rows; where they end their edge goes on. What a whole
    chest does in a breath is more than that: this is the part that changes its height.
    """
    n = images.shape[-2]
    middle = (n - 1) / 2
    at = (torch.arange(n, dtype=torch.float32) - rows - middle) / (1 + scale) + middle
    at = at.clamp(0, n - 1)
    above = at.floor().long().clamp(max=n - 2)
    part = (at - above)[:, None]
    return images[:, above] * (1 - part) + images[:, above + 1] * part
