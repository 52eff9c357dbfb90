"""Filtered back-projection of a cone beam (Feldkamp, Davis, Kress 1984), and of parallel rays."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from repcat import Geometry, View


def ramp(geometry: Geometry) -> Tensor:
    """Return the ramp filter (columns, columns): filtered row = filter @ row, in 1/mm.

    The band-limited kernel of Ramachandran and Lakshminarayanan (1971), h(0) = 1 / 4t^2 and
    h(n) = -1 / (pi n t)^2 for odd n, times t; t is the pitch of the columns at the isocentre.
    """
    count, pitch = geometry.pixels[1], geometry.pixel_mm[1] / geometry.magnification
    numbers = torch.arange(count, dtype=torch.float64)
    apart = numbers[:, None] - numbers
    odd = torch.where(apart % 2 == 1, -1 / (math.pi * apart.abs().clamp(min=1)) ** 2, 0.0)
    return torch.where(apart == 0, 0.25, odd) / pitch


def cosine(geometry: Geometry, view: View) -> Tensor:
    """Return (rows, columns): the cosine between each ray and the central one."""
    along = geometry.pixel_centres(view) - geometry.ray_starts(view)
    cosines: Tensor = -(along @ along.new_tensor(view.source)) / along.norm(dim=-1)
    return cosines


def nearness(geometry: Geometry, view: View) -> Tensor:
    """Return (D, H, W): (R / (R - s))^2 with s the voxel's distance from the axis to the source.

    R is the distance from source to axis; 1 for parallel rays.
    """
    points = geometry.voxel_centres()
    if geometry.beam == "parallel":
        return torch.ones_like(points[..., 0])
    towards = points @ points.new_tensor(view.source)
    near: Tensor = (geometry.source_axis_mm / (geometry.source_axis_mm - towards)) ** 2
    return near
