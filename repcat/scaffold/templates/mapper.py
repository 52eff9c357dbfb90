"""A mapper for repcat: my_part."""

from __future__ import annotations

from typing import Annotated, Literal

import torch
from torch import Tensor
from torch.nn import functional as F
from typing_extensions import Doc

import repcat


class MyPart(repcat.InputMapper):
    """Give each voxel, for each view, the pixel that its ray meets."""

    def __init__(
        self,
        task: repcat.Task,
        *,
        mode: Annotated[
            Literal["bilinear", "nearest"], Doc("how a value between pixels is found")
        ] = "bilinear",
    ) -> None:
        super().__init__()
        self.out = repcat.Grid(len(task.views), task.volume.size)
        self.mode = mode
        points = task.geometry.voxel_centres().flatten(1, 2)
        grids = [task.geometry.sample_grid(points, view) for view in task.views]
        self.register_buffer("grids", torch.stack(grids), persistent=False)

    def forward(self, batch: repcat.Batch) -> Tensor:
        """Return (B, N, D, H, W) in [0, 1]."""
        grids = self.get_buffer("grids")
        filled = [
            F.grid_sample(
                batch.xrays[:, n : n + 1],
                grid.expand(len(batch.ids), -1, -1, -1),
                mode=self.mode,
                align_corners=False,
            )
            for n, grid in enumerate(grids)
        ]
        depth, height, width = self.out.size
        volume: Tensor = torch.cat(filled, dim=1).reshape(-1, len(grids), depth, height, width)
        return volume


@repcat.hookimpl
def repcat_register(parts: repcat.Parts) -> None:
    """Add the mapper under the name that a recipe knows it by."""
    parts.mappers.add("my_part", MyPart)
