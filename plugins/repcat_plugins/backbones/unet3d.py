"""The plain U-Net of the released code: max pooling, trilinear upsampling, attention below."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

import torch
from annotated_types import Ge, Le
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import Doc

from repcat import Grid, need_same_size
from repcat_plugins.backbones.output_activation import OUTPUT_DOC, Output, with_output
from repcat_plugins.networks.attention import Attention
from repcat_plugins.networks.resampling import Double
from repcat_plugins.networks.size_checks import check_sides


def unet3d(
    source: Grid,
    target: Grid,
    *,
    width: Annotated[
        int,
        Ge(1),
        Le(10_000),
        Doc("channels of the finest of five levels; they double three times"),
    ] = 32,
    attention: Annotated[
        bool, Doc("attention over all voxels at the coarsest level, and at the next one up")
    ] = True,
    output: Annotated[Output, Doc(OUTPUT_DOC)] = "linear",
) -> nn.Module:
    """Build the U-Net that the released code offers beside Swin UNETR (`model: unet`).

    13,277,633 weights at width 32 with 2 views, as the released one, whose outputs (golden
    `unet_small.npz`) it meets to 1e-5. Each side must be a multiple of 16, from 32 up.
    """
    need_same_size(source, target, "unet3d")
    check_sides(source.size, 16, "unet3d", "change data.size, or use backbone 'unet'")
    return with_output(UNet3D(source.channels, target.channels, width, attention), output)


class UNet3D(nn.Module):
    """Five levels, each half the side of the one before, with skip connections between them.

    A level is two convolutions 3^3 with bias, each with BatchNorm and ReLU. What the config of the
    released code leaves open (aligned corners, where attention stands, ReLU) follows from golden
    `unet_small.npz`.
    """

    def __init__(self, inside: int, outside: int, width: int, attention: bool) -> None:
        super().__init__()
        widths = [width, 2 * width, 4 * width, 8 * width, 8 * width]
        self.down = nn.ModuleList(_level(a, b) for a, b in pairwise([inside, *widths]))
        rising = [8 * width, 4 * width, 2 * width, width, width]
        self.up = nn.ModuleList(
            _level(below + beside, out, between=beside)
            for below, beside, out in zip(rising[:-1], widths[-2::-1], rising[1:], strict=True)
        )
        self.lowest = Attention(8 * width) if attention else nn.Identity()
        self.lower = Attention(4 * width) if attention else nn.Identity()
        self.rise = Double()
        self.last = nn.Conv3d(width, outside, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Turn (B, C, D, H, W) into (B, outside, D, H, W)."""
        skips: list[Tensor] = []
        for level in self.down:
            x = level(F.max_pool3d(x, 2) if skips else x)
            skips.append(x)
        x = self.lowest(skips.pop())
        for step, level in enumerate(self.up):
            x = level(torch.cat((skips.pop(), self.rise(x)), dim=1))
            x = self.lower(x) if step == 0 else x
        volume: Tensor = self.last(x)
        return volume


def _level(inside: int, outside: int, between: int | None = None) -> nn.Sequential:
    layers: list[nn.Module] = []
    for a, b in pairwise([inside, between or outside, outside]):
        layers += [nn.Conv3d(a, b, 3, padding=1), nn.BatchNorm3d(b), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)
