"""Smoothing by a Gaussian of any width, in pixels."""

from __future__ import annotations

import torch
from torch import Tensor


def smooth(image: Tensor, rows: float, columns: float) -> Tensor:
    """Smooth an image (rows, columns) by sigmas in pixels; beyond its edges it goes on."""
    return _along(_along(image, rows).T, columns).T.contiguous()


def _along(image: Tensor, sigma: float) -> Tensor:
    """Smooth the columns of (n, m), as if its first and last row went on for 3 sigma."""
    if sigma < 1e-3:
        return image
    n = len(image)
    reach = min(int(3 * sigma) + 1, 4 * n)
    at = torch.arange(-reach, n + reach, dtype=torch.float32)
    weights = torch.exp(-((torch.arange(n)[:, None] - at) ** 2) / (2 * sigma**2))
    weights /= weights.sum(dim=1, keepdim=True)
    inner = weights[:, reach : reach + n].clone()
    inner[:, 0] += weights[:, :reach].sum(dim=1)
    inner[:, -1] += weights[:, reach + n :].sum(dim=1)
    return inner @ image
