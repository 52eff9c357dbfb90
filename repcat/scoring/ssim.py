"""Structural similarity: Gaussian windows in 3D, uniform ones in 3D or slice by slice.

Computed in float32 about the middle of the range: a variance is the difference of two near
numbers, which a shift makes small and does not change. Means agree with float64 to 1e-6.
"""

from __future__ import annotations

import torch
from torch import Tensor

from repcat.errors import DataError
from repcat.scoring.smoothing import gaussian, smooth, smoothing_matrix

SIGMA, TRUNCATE = 1.5, 3.5
TAPS = 11  # 2 int(3.5 * 1.5 + .5) + 1
EDGE = 7  # of uniform windows
SLAB = 16  # slices worked on at once: the dozen arrays they need fit into a processor's cache
K1, K2 = 0.01, 0.03


class GaussianSSIM:
    """3D structural similarity to one true volume (D, H, W), of any number of predictions.

    11 taps, sigma 1.5 voxels, population covariance: Wang et al. 2004, equal to scikit-image's
    `gaussian_weights=True, sigma=1.5, use_sample_covariance=False`. `truth` and predictions lie in
    [0, data_range].
    """

    def __init__(self, truth: Tensor, data_range: float = 1.0) -> None:
        _check_size(truth, TAPS)
        self.data_range = data_range
        self.truth = truth.float() - data_range / 2
        weights = gaussian(SIGMA, TRUNCATE)
        self._matrices = [smoothing_matrix(n, weights).to(self.truth) for n in truth.shape]
        self._mean, self._square = (self._smooth(v) for v in (self.truth, self.truth**2))

    def map(self, prediction: Tensor) -> Tensor:
        """Return the similarity (D, H, W) about each voxel; windows are mirrored at the faces."""
        p = prediction.float() - self.data_range / 2
        mean, square, product = (self._smooth(v) for v in (p, p**2, p * self.truth))
        squares = self._square + square
        return _similarity(self._mean, mean, squares, product, self.data_range)

    def mean(self, similarity: Tensor) -> float:
        """Return the mean of a map over the windows that lie inside the volume."""
        inside = similarity[(slice(TAPS // 2, -(TAPS // 2)),) * 3]
        return float(inside.mean(dtype=torch.float64))

    def _smooth(self, volume: Tensor) -> Tensor:
        return smooth(volume, self._matrices)


def ssim3d(truth: Tensor, prediction: Tensor, data_range: float = 1.0) -> float:
    """Return the mean 3D structural similarity of two volumes (D, H, W); see GaussianSSIM."""
    ssim = GaussianSSIM(truth, data_range)
    return ssim.mean(ssim.map(prediction))


def slice_ssim(truth: Tensor, prediction: Tensor, axis: int, data_range: float = 1.0) -> float:
    """Return the mean structural similarity of the slices along `axis` of volumes (D, H, W).

    Square windows of 7 x 7, sample covariance, only windows inside the slice: scikit-image's
    default, as X2CT-GAN's and the paper's test code call it.
    """
    _check_size(truth, EDGE)
    across = tuple(a for a in range(3) if a != axis % 3)
    return _uniform(truth, prediction, across, data_range)


def cube_ssim(truth: Tensor, prediction: Tensor, data_range: float = 1.0) -> float:
    """Return the mean structural similarity of volumes (D, H, W) in windows of 7 x 7 x 7.

    Sample covariance, only windows inside the volume: scikit-image's default in 3D.
    """
    _check_size(truth, EDGE)
    return _uniform(truth, prediction, (0, 1, 2), data_range)


def _uniform(truth: Tensor, prediction: Tensor, axes: tuple[int, ...], data_range: float) -> float:
    """Return the mean similarity in windows of 7 voxels along each of `axes`, slab by slab."""
    reach = EDGE - 1 if 0 in axes else 0
    maps = []
    for start in range(0, len(truth) - reach, SLAB):
        a, b = (v[start : start + SLAB + reach].contiguous() for v in (truth, prediction))
        maps.append(_uniform_map(a, b, axes, data_range))
    return float(torch.cat(maps).mean(dtype=torch.float64))


def _uniform_map(
    truth: Tensor, prediction: Tensor, axes: tuple[int, ...], data_range: float
) -> Tensor:
    """Return the similarity of each window that lies inside the slab.

    Windows are sums along the flat memory, which is one long vector: those that run over an edge
    are made, too, and left out at the end.
    """
    voxels: int = EDGE ** len(axes)
    steps = [truth.stride(axis) for axis in axes]
    a, b = (v.flatten().float() - data_range / 2 for v in (truth, prediction))
    values = a, b, (a**2).add_(b**2), a * b
    mean_a, mean_b, squares, product = (_window_sum(v, steps).div_(voxels) for v in values)
    unbias = voxels / (voxels - 1)
    similarity = _similarity(mean_a, mean_b, squares, product, data_range, unbias)
    inside = [n - (EDGE - 1 if axis in axes else 0) for axis, n in enumerate(truth.shape)]
    return similarity.as_strided(inside, truth.stride())


def _window_sum(flat: Tensor, steps: list[int]) -> Tensor:
    """Add 7 values that lie a step apart, for each of `steps`: the result is that much shorter."""
    for step in steps:
        count = len(flat) - (EDGE - 1) * step
        first, second, *others = (flat.narrow(0, k * step, count) for k in range(EDGE))
        flat = first + second
        for other in others:
            flat += other
    return flat


def _similarity(
    mean_a: Tensor,
    mean_b: Tensor,
    squares: Tensor,
    product: Tensor,
    data_range: float,
    unbias: float = 1.0,
) -> Tensor:
    """Combine local moments about the middle of the range into the similarity.

    `squares` is the mean of a^2 + b^2, `product` that of a b.
    """
    c1, c2 = (K1 * data_range) ** 2, (K2 * data_range) ** 2
    covariance = unbias * (product - mean_a * mean_b)
    variances = unbias * (squares - mean_a**2 - mean_b**2)
    a, b = mean_a + data_range / 2, mean_b + data_range / 2
    similarity: Tensor = (2 * a * b + c1) * (2 * covariance + c2)
    return similarity / ((a**2 + b**2 + c1) * (variances + c2))


def _check_size(volume: Tensor, least: int) -> None:
    if volume.ndim != 3 or min(volume.shape) < least:
        shape = " x ".join(map(str, volume.shape))
        msg = f"SSIM needs {least} voxels a side or more, got {shape}; score a larger volume"
        raise DataError(msg, code="volume-too-small")
