"""Pixel-aligned features: each voxel reads the 2D features at the place where it is seen."""

from __future__ import annotations

from typing import Annotated

import torch
from annotated_types import Ge, Le
from torch import Tensor, nn
from typing_extensions import Doc

from repcat import Batch, Geometry, Grid, InputMapper, Task
from repcat_rivals.sampling import Sampling
from repcat_rivals.unet2d import ImageNet2D, each_view
from repcat_rivals.voxel_to_pixel import sight


class PixelAligned(InputMapper):
    """Sample each view's 2D features along the exact rays, beside the voxel's own position.

    PerX2CT's idea (ICASSP 2023): perspective projection in place of repetition along an axis. Here:
    a small 2D U-Net, trained with the model, in place of a ResNet-101; whole volumes in place of
    slices; fusion by a small network a voxel (two layers, `fused` channels) and then the recipe's
    3D backbone in place of a VQGAN decoder; no perceptual loss, no zooming in. Gives (B, fused, D,
    H, W), or (B, N * features + 3, D, H, W) with fused = 0.
    """

    position: Tensor

    def __init__(
        self,
        task: Task,
        *,
        width: Annotated[
            int, Ge(1), Le(10_000), Doc("channels of the 2D network's finest level")
        ] = 16,
        features: Annotated[int, Ge(1), Le(10_000), Doc("numbers that a view gives a voxel")] = 8,
        fused: Annotated[
            int,
            Ge(0),
            Le(10_000),
            Doc("channels after the fusion of the views, voxel by voxel; 0: no fusion"),
        ] = 16,
        shared: Annotated[bool, Doc("one 2D network for all views; else one for each")] = True,
    ) -> None:
        super().__init__()
        count = len(task.views)
        self.networks = nn.ModuleList(
            ImageNet2D(width, features) for _ in range(1 if shared else count)
        )
        self.sample = Sampling(sight(task, "geometric", "pixel_aligned"))
        self.register_buffer("position", _positions(task.geometry), persistent=False)
        wide = count * features + 3
        self.fuse = _voxelwise(wide, fused) if fused else nn.Identity()
        self.out = Grid(fused or wide, task.volume.size)

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, out.channels, D, H, W)."""
        seen: Tensor = self.sample(each_view(self.networks, batch.xrays)).flatten(1, 2)
        where = self.position.expand(len(seen), -1, -1, -1, -1)
        volumes: Tensor = self.fuse(torch.cat((seen, where), dim=1))
        return volumes


def _positions(geometry: Geometry) -> Tensor:
    """Return where voxels are, (1, 3, D, H, W): x y z, the volume's faces at -1 and 1."""
    points = geometry.voxel_centres()
    reach = points.new_tensor(geometry.volume_mm).flip(0) / 2
    return (points / reach).movedim(-1, 0).unsqueeze(0).float()


def _voxelwise(source: int, target: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv3d(source, target, 1), nn.GELU(), nn.Conv3d(target, target, 1))
