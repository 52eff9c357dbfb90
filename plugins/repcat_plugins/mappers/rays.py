"""Exact alignment: for each voxel the ray to each view, and the pixel that saw it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from repcat import Task, View


class Rays(nn.Module):
    """Give every voxel the X-ray's value at the place on the detector where its centre is seen.

    Cone or parallel beam, any azimuth, images of any size. Bilinear between pixel centres; beyond
    the outermost centres a value fades over one pixel to 0, and voxels that the detector does not
    see are 0. The places are worked out once: 8 bytes a voxel and view (17 MB for 8 views at 64^3),
    not saved in checkpoints; those of views that the task has not, each time. `who` asks, in words.
    """

    grids: Tensor

    def __init__(self, task: Task, who: str) -> None:
        super().__init__()
        task.check_scene(who)
        self.geometry, self.who = task.geometry, who
        self.numbers = {view: n for n, view in enumerate(task.views)}
        grids = torch.stack([self._places(view) for view in task.views])
        self.register_buffer("grids", grids, persistent=False)

    def forward(self, images_BNRC: Tensor, views: Sequence[View] | None = None) -> Tensor:
        """Return (B, N, D, H, W), differentiable in the images; (B, N, C, ...) of feature maps.

        `views` are those of the task unless told.
        """
        by_view = images_BNRC.transpose(0, 1)
        seen = self._sample(by_view.flatten(1, -3), self._grids(views))
        return seen.reshape(*by_view.shape[:-2], *self.geometry.voxels).transpose(0, 1)

    def along(self, images_BCRC: Tensor, view: View) -> Tensor:
        """Return what one view shows, (B, C, D, H, W)."""
        seen = self._sample(images_BCRC.flatten(0, 1)[None], self.grid(view)[None])
        return seen.reshape(*images_BCRC.shape[:2], *self.geometry.voxels)

    def grid(self, view: View) -> Tensor:
        """Return where a view sees the voxels, (D, H * W, 2), as `Geometry.sample_grid` counts."""
        number = self.numbers.get(view)
        return self._places(view).to(self.grids) if number is None else self.grids[number]

    def _grids(self, views: Sequence[View] | None) -> Tensor:
        return self.grids if views is None else torch.stack([self.grid(v) for v in views])

    @staticmethod
    def _sample(images: Tensor, grids: Tensor) -> Tensor:
        # Patients ride along as channels, so that the weights of a ray are worked out once.
        seen: Tensor = F.grid_sample(images, grids.to(images), align_corners=False)
        return seen

    def _places(self, view: View) -> Tensor:
        """Return where voxels are seen, (D, H * W, 2): column and row, the edges at -1 and 1."""
        self.geometry.check_source(view, self.who)
        return self.geometry.sample_grid(self.geometry.voxel_centres().flatten(1, 2), view)
