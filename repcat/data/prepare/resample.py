"""Resampling of a scan to the isotropic cube, anti-aliased.

Lengths are mm; triples are (z, y, x) about the centre of the scan.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

Triple = tuple[float, float, float]

AIR_HU = -1000.0
# Padding of scanners (GE writes -3024) is no tissue: it must not bleed into the skin.
LOWEST_HU = -1024.0
SLICES_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Lattice:
    """Cells of one pitch: how many (z, y, x), and where their middle lies (z, y, x)."""

    shape: tuple[int, int, int]
    pitch_mm: float
    offset_mm: Triple = (0.0, 0.0, 0.0)

    @classmethod
    def around(cls, shape: tuple[int, ...], spacing_mm: Triple, pitch_mm: float) -> Lattice:
        """Cover a whole scan of `shape` with cells of another pitch."""
        sides = (n * mm for n, mm in zip(shape, spacing_mm, strict=True))
        z, y, x = (max(1, round(side / pitch_mm)) for side in sides)
        return cls((z, y, x), pitch_mm)

    def axis(self, k: int) -> Tensor:
        """Return the centres of the cells along one axis."""
        n = self.shape[k]
        cells = torch.arange(n, dtype=torch.float64) - (n - 1) / 2
        return cells * self.pitch_mm + self.offset_mm[k]


def resample(
    values: Tensor, spacing_mm: Triple, lattice: Lattice, outside: float = AIR_HU
) -> Tensor:
    """Sample (D, H, W) on a lattice (d, h, w) without aliasing, in float32.

    Each axis goes through a Gaussian and then linear interpolation. Its standard deviation is half
    of sqrt(pitch^2 - spacing^2), none where the lattice is finer: a wave of one cell is damped to
    1 %, of two cells to 29 %. Weights sum to 1, so means are kept. Cells whose centre
    lies outside the scan become `outside`; values below -1024 HU count as -1024.
    """
    axes = [
        _weights(n, mm, lattice.axis(k), lattice.pitch_mm)
        for k, (n, mm) in enumerate(zip(values.shape, spacing_mm, strict=True))
    ]
    (wz, iz), (wy, iy), (wx, ix) = axes
    out = torch.zeros(lattice.shape)
    for start in range(0, values.shape[0], SLICES_AT_ONCE):
        part = slice(start, start + SLICES_AT_ONCE)
        if wz[:, part].any():
            slices = wy @ (values[part].float().clamp(min=LOWEST_HU) @ wx.T)
            out += torch.tensordot(wz[:, part], slices, dims=1)
    inside = iz[:, None, None] & iy[:, None] & ix
    return out.masked_fill_(~inside, outside)


def _weights(n: int, spacing: float, cells: Tensor, pitch: float) -> tuple[Tensor, Tensor]:
    """Return how much each of n samples counts for each cell (m, n), and which cells are inside."""
    samples = (torch.arange(n, dtype=torch.float64) - (n - 1) / 2) * spacing
    tent = 1 - (cells[:, None] - samples).abs() / spacing
    weights = _rows_to_one(tent.clamp(min=0))
    sigma = math.sqrt(max(0.0, pitch**2 - spacing**2)) / 2
    if sigma > spacing / 10:
        distance = (samples[:, None] - samples) / sigma
        # Cut at 5 sigma: products of the far tails are denormal numbers, 8 times slower to add up.
        bell = torch.exp(-(distance**2) / 2) * (distance.abs() < 5)
        weights = weights @ _rows_to_one(bell)
    inside = cells.abs() <= n * spacing / 2 + 1e-6
    return weights.float(), inside


def _rows_to_one(weights: Tensor) -> Tensor:
    return weights / weights.sum(dim=1, keepdim=True).clamp(min=1e-9)
