"""Exact alignment: for each voxel the ray to each view, and the pixel that saw it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from repcat import Task


class Rays(nn.Module):
    """Give every voxel the X-ray's value at the place on the detector where its centre is seen.

    Cone or parallel beam, any azimuth, images of any size. Bilinear between pixel centres; beyond
    the outermost centres a value fades over one pixel to 0, and voxels that the detector does not
    see are 0. The places are worked out once: 8 bytes a voxel and view (17 MB for 8 views at 64^3),
    not saved in checkpoints.
    """

    grids: Tensor

    def __init__(self, task: Task) -> None:
        super().__init__()
        task.check_scene("mapper 'repeat_concat' with align = 'geometric'")
        self.size = task.volume.size
        points = task.geometry.voxel_centres().flatten(1, 2)
        grids = torch.stack([task.geometry.sample_grid(points, view) for view in task.views])
        self.register_buffer("grids", grids, persistent=False)

    def forward(self, images_BNRC: Tensor) -> Tensor:
        """Return (B, N, D, H, W), differentiable in the images."""
        # Patients ride along as channels, so that the weights of a ray are worked out once.
        seen: Tensor = F.grid_sample(images_BNRC.transpose(0, 1), self.grids, align_corners=False)
        return seen.transpose(0, 1).reshape(*images_BNRC.shape[:2], *self.size)
