"""A projector for repcat: my_part."""

from __future__ import annotations

from typing import Annotated

import torch
from annotated_types import Gt
from torch import Tensor
from torch.nn import functional as F
from typing_extensions import Doc

import repcat


def my_part(
    *, step_mm: Annotated[float, Gt(0), Doc("mm between two samples of a ray")] = 2.0
) -> repcat.Projector:
    """Add up attenuation at even steps along each ray."""

    def project(mu: Tensor, geometry: repcat.Geometry, views: tuple[repcat.View, ...]) -> Tensor:
        return torch.stack([_image(mu.float(), geometry, view, step_mm) for view in views])

    return project


def _image(mu: Tensor, geometry: repcat.Geometry, view: repcat.View, step_mm: float) -> Tensor:
    """Return the line integrals (rows, columns) of one view."""
    starts, ends = geometry.ray_starts(view), geometry.pixel_centres(view)
    along = (ends - starts) / (ends - starts).norm(dim=-1, keepdim=True)
    nearest = -(starts * along).sum(dim=-1, keepdim=True)  # mm from the start to the isocentre
    reach = sum(mm**2 for mm in geometry.volume_mm) ** 0.5 / 2 + max(geometry.voxel_mm)
    size = torch.tensor(geometry.voxels)
    total = mu.new_zeros(geometry.pixels)
    for offset in torch.arange(-reach, reach, step_mm) + step_mm / 2:
        points = geometry.voxel_index(starts + (nearest + offset) * along)
        # (z, y, x) from 0 to n - 1 becomes (x, y, z) from -1 to 1, a voxel's faces
        grid = ((2 * points + 1) / size - 1).flip(-1).to(mu)
        total = (
            total + F.grid_sample(mu[None, None], grid[None, None], align_corners=False)[0, 0, 0]
        )
    return total * step_mm


@repcat.hookimpl
def repcat_register(parts: repcat.Parts) -> None:
    """Add the projector under the name that a recipe knows it by."""
    parts.projectors.add("my_part", my_part)
