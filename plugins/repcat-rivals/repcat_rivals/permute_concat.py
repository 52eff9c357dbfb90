"""2D permute and concatenate: 2D features whose channels become the depth of the volume."""

from __future__ import annotations

from typing import Annotated

import torch
from annotated_types import Ge, Le
from torch import Tensor, nn
from typing_extensions import Doc

from repcat import Batch, Grid, InputMapper, Task
from repcat_rivals.sampling import Sampling
from repcat_rivals.unet2d import ImageNet2D, each_view
from repcat_rivals.voxel_to_pixel import ALIGN_DOC, Align, depth, sight


class PermuteConcat(InputMapper):
    """Let a 2D network give each pixel a profile along its ray, (B, N * channels, D, H, W).

    The 2D permute-concatenation of the xrayto3D benchmark (NeurIPS 2023): features of each view
    whose channels are permuted into depth, views concatenated, a 3D network after it. Here: a
    small 2D U-Net at the image's own size in place of the benchmark's encoder, so that the volume
    is as fine as the images; profiles are laid along the ray of any azimuth, at right angles an
    exact permutation; the 3D network is the recipe's backbone.
    """

    def __init__(
        self,
        task: Task,
        *,
        width: Annotated[
            int, Ge(1), Le(10_000), Doc("channels of the 2D network's finest level")
        ] = 16,
        channels: Annotated[int, Ge(1), Le(10_000), Doc("numbers that a view gives a voxel")] = 1,
        shared: Annotated[bool, Doc("one 2D network for all views; else one for each")] = False,
        align: Annotated[Align, Doc(ALIGN_DOC)] = "rotate",
    ) -> None:
        super().__init__()
        self.channels, self.depth = channels, task.volume.size[1]
        self.networks = nn.ModuleList(
            ImageNet2D(width, channels * self.depth)
            for _ in range(1 if shared else len(task.views))
        )
        places = torch.cat((sight(task, align, "permute_concat"), depth(task)), dim=-1)
        self.fill = Sampling(places)
        self.out = Grid(len(task.views) * channels, task.volume.size)

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, N * channels, D, H, W)."""
        maps_BNCRC = each_view(self.networks, batch.xrays)
        stacks = maps_BNCRC.unflatten(2, (self.channels, self.depth))
        volumes: Tensor = self.fill(stacks)
        return volumes.flatten(1, 2)
