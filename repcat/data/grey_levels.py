"""Grey levels: how bright X-rays are, by percentiles, and one image brought to those of others."""

from __future__ import annotations

import torch
from torch import Tensor

LEVELS = 101  # percentiles 0 to 100 that are kept of the training X-rays
LOW, HIGH = 2, 98  # the two that 'percentile' brings together


def percentiles(images: Tensor) -> Tensor:
    """Return percentiles 0 to 100 of images (N, rows, columns), averaged over them: (101,)."""
    at = torch.linspace(0, 1, LEVELS)
    return torch.quantile(images.flatten(1).float(), at, dim=1).mean(dim=1)


def match(image: Tensor, trained: Tensor, how: str) -> Tensor:
    """Bring grey values (rows, columns) to [0, 1] as in training; `trained` are its percentiles.

    `percentile`: a straight line that carries the 2nd and the 98th to the training's, clipped.
    `histogram`: a rising curve that carries all of them. `none`: clipped alone.
    """
    if how == "none":
        return image.clamp(0, 1)
    own = percentiles(image[None])
    if how == "histogram":
        return _curve(image, own, trained).clamp(0, 1)
    low, high = own[LOW], own[HIGH]
    if high - low < 1e-6:
        low, high = own[0], own[-1].clamp(min=float(own[0]) + 1e-6)
    slope = (trained[HIGH] - trained[LOW]) / (high - low)
    return (trained[LOW] + (image - low) * slope).clamp(0, 1)


def _curve(image: Tensor, own: Tensor, trained: Tensor) -> Tensor:
    """Interpolate the curve through (own, trained) at every pixel."""
    flat = image.flatten().clamp(float(own[0]), float(own[-1]))
    right = torch.searchsorted(own, flat).clamp(1, LEVELS - 1)
    a, b = own[right - 1], own[right]
    part = ((flat - a) / (b - a).clamp(min=1e-12)).clamp(0, 1)
    found = trained[right - 1] + part * (trained[right] - trained[right - 1])
    return found.reshape(image.shape)
