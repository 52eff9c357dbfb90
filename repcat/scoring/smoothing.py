"""Smoothing of volumes: separable, one small matrix an axis."""

from __future__ import annotations

import torch
from torch import Tensor


def gaussian(sigma: float, truncate: float) -> Tensor:
    """Return the weights (2r + 1,) of a sampled Gaussian, r = int(truncate * sigma + .5).

    SciPy's rule, so that the figures equal those of scipy.ndimage and scikit-image.
    """
    radius = int(truncate * sigma + 0.5)
    k = torch.arange(-radius, radius + 1, dtype=torch.float64)
    weights = torch.exp(-0.5 * (k / sigma) ** 2) if sigma > 0 else torch.ones_like(k)
    return weights / weights.sum()


def smoothing_matrix(n: int, weights: Tensor) -> Tensor:
    """Return the matrix (n, n) that smooths an axis of n voxels, mirrored at its faces.

    Voxel -1 repeats voxel 0 (SciPy's `reflect`). A dense matrix costs n products a voxel and still
    wins: it is one GEMM, and no wider kernel costs more.
    """
    radius = len(weights) // 2
    index = torch.arange(n)[:, None] + torch.arange(-radius, radius + 1)
    index = index % (2 * n)
    index = torch.where(index < n, index, 2 * n - 1 - index)
    return torch.zeros(n, n, dtype=torch.float64).scatter_add_(1, index, weights.expand(n, -1))


def smooth(volumes: Tensor, matrices: list[Tensor]) -> Tensor:
    """Apply one matrix to each of the last three axes of (..., D, H, W)."""
    z, y, x = (m.to(volumes) for m in matrices)
    out = volumes @ x.T
    out = y @ out
    flat = out.flatten(-2)
    return (z @ flat).reshape(out.shape)


def blur(volume: Tensor, sigma_mm: float, voxel_mm: tuple[float, float, float]) -> Tensor:
    """Smooth a volume (D, H, W) by a Gaussian of `sigma_mm`, cut off at 4 sigma.

    `voxel_mm` is (z, y, x), so the blur is as wide in mm along each axis.
    """
    sigmas = (sigma_mm / mm for mm in voxel_mm)
    axes = zip(volume.shape, sigmas, strict=True)
    return smooth(volume, [smoothing_matrix(n, gaussian(s, 4.0)) for n, s in axes])
