"""Coarse alignment: each repeated view turned about the head-foot axis by its azimuth."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from repcat import Task, View
from repcat_plugins.mappers.axis_layout import FRONTAL, check_fit


class Rotation(nn.Module):
    """Repeat views along y as if frontal, then turn each by its azimuth about z.

    Bilinear, zeros outside, so that an oblique view leaves the corners empty. Rays are parallel:
    a voxel at (x, y) mm gets the image at x cos a + y sin a, provided that the point turned back
    lies inside the slab that the image was repeated to.
    """

    grids: Tensor

    def __init__(self, task: Task) -> None:
        super().__init__()
        for view in task.views:
            check_fit(task, view, FRONTAL, "repeat_concat")
        self.depth = task.volume.size[1]
        grids = torch.stack([_turned(task, view) for view in task.views])
        self.register_buffer("grids", grids.float(), persistent=False)

    def forward(self, images_BNRC: Tensor) -> Tensor:
        """Return (B, N, D, H, W)."""
        # Turning about z leaves z alone, so the rows of all patients ride along as channels.
        rows_NKC = images_BNRC.flip(2).transpose(0, 1).flatten(1, 2)
        slabs_NKYX = rows_NKC.unsqueeze(2).expand(-1, -1, self.depth, -1)
        turned: Tensor = F.grid_sample(slabs_NKYX, self.grids, align_corners=False)
        views, _, height, width = turned.shape
        return turned.reshape(views, images_BNRC.shape[0], -1, height, width).transpose(0, 1)


def _turned(task: Task, view: View) -> Tensor:
    """Return where each voxel column (H, W) lies in the unturned slab: (H, W, 2), x y in -1..1."""
    _, height, width = task.volume.size
    _, y_mm, x_mm = task.geometry.voxel_mm
    y, x = ((2 * torch.arange(n, dtype=torch.float64) + 1 - n) / 2 for n in (height, width))
    y, x = torch.meshgrid(y * y_mm, x * x_mm, indexing="ij")
    a = math.radians(view.azimuth)
    across = x * view.columns[0] + y * view.columns[1]
    along = y * math.cos(a) - x * math.sin(a)
    return torch.stack((2 * across / (width * x_mm), 2 * along / (height * y_mm)), dim=-1)
