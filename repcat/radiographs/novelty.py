"""Novelty: how far a film is from the training X-rays, by what their PCA leaves of it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from repcat.radiographs.orientation_model import SIDE, clipped, small

COMPONENTS = 8
FOLDS = 4
QUANTILE = 0.99


@dataclass(frozen=True, slots=True)
class Subspace:
    """Mean (32, 32) and main components (K, 32, 32) of a view's X-rays, and how far they stray.

    `limit` is the 99th percentile of the training X-rays' own distance, each from the components of
    the other three quarters of them.
    """

    mean: Tensor
    basis: Tensor
    limit: float

    def distance(self, image: Tensor) -> float:
        """Return what is left of an image (rows, columns), in units of the limit."""
        left = _left(_described(image[None]), self.mean.flatten(), self.basis.flatten(1))
        return float(left) / self.limit


def fit(images: Tensor) -> Subspace:
    """Find the components of a view's training X-rays (B, rows, columns)."""
    values = _described(images)
    folds = torch.arange(len(values)) % FOLDS
    strayed = [
        _left(values[folds == k], *_components(values[folds != k]))
        for k in range(FOLDS)
        if (folds == k).any() and (folds != k).any()
    ]
    mean, basis = _components(values)
    strays = torch.cat(strayed) if strayed else torch.ones(1)
    limit = max(float(strays.quantile(QUANTILE)), 1e-3)
    return Subspace(mean.reshape(SIDE, SIDE), basis.reshape(-1, SIDE, SIDE), limit)


def _described(images: Tensor) -> Tensor:
    """Return (B, 1024): small, clipped, mean 0, norm 1."""
    values = clipped(small(images)).flatten(1)
    values = values - values.mean(dim=1, keepdim=True)
    norm: Tensor = values.norm(dim=1, keepdim=True)
    return values / norm.clamp(min=1e-6)


def _components(values: Tensor) -> tuple[Tensor, Tensor]:
    mean = values.mean(dim=0)
    _, _, basis = torch.linalg.svd(values - mean, full_matrices=False)
    return mean, basis[: min(COMPONENTS, max(1, len(values) - 1))]


def _left(values: Tensor, mean: Tensor, basis: Tensor) -> Tensor:
    """Return the norm (B,) of what the components leave of unit vectors (B, 1024)."""
    apart = values - mean
    left: Tensor = (apart - (apart @ basis.T) @ basis).norm(dim=1)
    return left
