"""Where rays run: six numbers a pixel that a 2D network can read beside the grey value."""

from __future__ import annotations

import torch
from torch import Tensor

from repcat import Geometry, View


def ray_embedding(geometry: Geometry, view: View) -> Tensor:
    """Return the Pluecker coordinates of each pixel's ray, (6, rows, columns), float32.

    The unit direction d (x y z), and the moment p x d over the distance from source to axis, p any
    point of the ray: the same whichever point is taken, at most 1 in size, 0 where a ray meets the
    isocentre. Two rays differ in them unless they are one line (Pluecker 1865).
    """
    starts = geometry.ray_starts(view)
    along = geometry.pixel_centres(view) - starts
    directions = along / along.norm(dim=-1, keepdim=True)
    moments = torch.linalg.cross(starts, directions) / geometry.source_axis_mm
    return torch.cat((directions, moments), dim=-1).permute(2, 0, 1).float()
