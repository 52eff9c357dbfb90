"""The oracle: a plain trilinear march along each ray, slow enough to be read."""

from __future__ import annotations

from typing import Annotated

import torch
from annotated_types import Ge, Le
from torch import Tensor
from torch.nn import functional as F
from typing_extensions import Doc

from repcat import Geometry, Projector, View


def march(
    *, step_mm: Annotated[float, Ge(0.01), Le(100), Doc("mm between two samples of a ray")] = 1.0
) -> Projector:
    """Sample the volume at even steps along each ray and add up.

    Trilinear between voxel centres, air outside the volume. The rectangle rule converges with
    `step_mm`; against exact ray lengths through voxels it differs by the interpolation, relative
    L2 about .013 (128^3 phantom).
    """

    def project(mu: Tensor, geometry: Geometry, views: tuple[View, ...]) -> Tensor:
        reach = torch.tensor(geometry.volume_mm).norm().item() / 2 + max(geometry.voxel_mm)
        images = [_image(mu.float(), geometry, view, reach, step_mm) for view in views]
        return torch.stack(images)

    return project


def _image(mu: Tensor, geometry: Geometry, view: View, reach: float, step_mm: float) -> Tensor:
    """Return the line integrals (rows, columns) of one view."""
    start, end = (p.to(mu.device).float() for p in _ends(geometry, view))
    length = (end - start).norm(dim=-1, keepdim=True)
    direction = (end - start) / length
    middle = -(start * direction).sum(dim=-1, keepdim=True)  # nearest to the isocentre
    total = mu.new_zeros(geometry.pixels)
    size = mu.new_tensor(geometry.voxels)
    for offset in torch.arange(-reach, reach, step_mm) + step_mm / 2:
        points = start + (middle + offset) * direction
        grid = ((2 * geometry.voxel_index(points) + 1) / size - 1).flip(-1)
        sample = F.grid_sample(mu[None, None], grid[None, None], align_corners=False)
        total += sample[0, 0, 0] * step_mm
    return total


def _ends(geometry: Geometry, view: View) -> tuple[Tensor, Tensor]:
    return geometry.ray_starts(view), geometry.pixel_centres(view)
