"""Halving and doubling of volumes (B, C, D, H, W), one axis after the other.

torch's kernels for these are slow in float32 on a CPU: three products with small matrices give the
same to 1e-6 in half to a third of the time. Elsewhere torch's own run.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Halve(nn.Module):
    """Average over 3^3 voxels at every second one, zeros beyond the edge: n to (n + 1) // 2."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the smaller volume."""
        if not _by_products(x):
            return F.avg_pool3d(x, 3, stride=2, padding=1)
        return _resampled(x, lambda n: F.avg_pool1d(n, 3, stride=2, padding=1))


class Double(nn.Module):
    """Interpolate linearly to twice the size, corner voxels on corner voxels."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the larger volume."""
        if not _by_products(x):
            return F.interpolate(x, scale_factor=2, mode="trilinear", align_corners=True)
        return _resampled(
            x, lambda n: F.interpolate(n, scale_factor=2, mode="linear", align_corners=True)
        )


def resized(x: Tensor, size: tuple[int, ...]) -> Tensor:
    """Interpolate linearly to (B, C, *size), outer faces on outer faces, also larger than 2x."""
    if x.shape[2:] == torch.Size(size):
        return x
    if not _by_products(x) or len(set(size)) > 1:
        return F.interpolate(x, size=size, mode="trilinear", align_corners=False)
    return _resampled(x, lambda n: F.interpolate(n, size=size[0], mode="linear"))


def _by_products(x: Tensor) -> bool:
    return x.device.type == "cpu" and x.dtype == torch.float32


def _resampled(x: Tensor, resize: Callable[[Tensor], Tensor]) -> Tensor:
    """Resize each axis by what `resize` makes of lines (1, n, n) that are 1 in one place."""
    with torch.autocast("cpu", enabled=False):
        depth, height, width = (
            resize(torch.eye(n, device=x.device).unsqueeze(0)).squeeze(0) for n in x.shape[2:]
        )
        x = height.T @ (x @ width)
        resized: Tensor = (depth.T @ x.flatten(3)).unflatten(3, x.shape[3:])
    return resized
