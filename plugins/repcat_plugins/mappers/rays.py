"""Exact alignment: for each voxel the ray to each view, and the pixel that saw it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from repcat import Geometry, PartError, Task, View


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
        _check_geometry(task)
        self.size = task.volume.size
        points = task.geometry.voxel_centres().flatten(1, 2)
        grids = torch.stack([_seen(task.geometry, points, view) for view in task.views])
        self.register_buffer("grids", grids, persistent=False)

    def forward(self, images_BNRC: Tensor) -> Tensor:
        """Return (B, N, D, H, W), differentiable in the images."""
        # Patients ride along as channels, so that the weights of a ray are worked out once.
        seen: Tensor = F.grid_sample(images_BNRC.transpose(0, 1), self.grids, align_corners=False)
        return seen.transpose(0, 1).reshape(*images_BNRC.shape[:2], *self.size)


def _seen(geometry: Geometry, points: Tensor, view: View) -> Tensor:
    """Return where points (..., 3) are seen: (..., 2), column and row, the edges at -1 and 1."""
    index = geometry.pixel_index(points, view)
    return ((2 * index + 1) / index.new_tensor(geometry.pixels) - 1).flip(-1).float()


def _check_geometry(task: Task) -> None:
    """Raise PartError unless the geometry is that of the data and its sources are outside."""
    geometry = task.geometry
    if (geometry.voxels, geometry.pixels) != (task.volume.size, task.xray.size):
        msg = (
            f"mapper 'repeat_concat' with align = 'geometric' was given a geometry of "
            f"{geometry.voxels} voxels and {geometry.pixels} pixels for a volume of "
            f"{task.volume.size} and images of {task.xray.size}; the dataset must state the "
            "geometry of what it gives (Geometry.resized)"
        )
        raise PartError(msg)
    _, y, x = geometry.volume_mm
    for view in task.views:
        reach = (abs(view.source[0]) * x + abs(view.source[1]) * y) / 2
        if geometry.beam == "cone" and reach >= geometry.source_axis_mm:
            msg = (
                f"mapper 'repeat_concat' with align = 'geometric': the source of view {view} is "
                f"{geometry.source_axis_mm:g} mm from the axis and so inside the volume, which "
                f"reaches {reach:.0f} mm; correct the dataset's geometry"
            )
            raise PartError(msg)
