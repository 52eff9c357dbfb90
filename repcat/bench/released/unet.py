"""The released U-Net: max pooling, trilinear upsampling, attention at the two coarsest levels."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from repcat.bench.released.attention import PlainAttention


class PlainUNet3D(nn.Module):
    """Turn (B, views, S, S, S) into (B, 1, S, S, S); 13,277,633 weights at width 32, two views."""

    def __init__(self, views: int, width: int = 32) -> None:
        super().__init__()
        widths = [width, 2 * width, 4 * width, 8 * width, 8 * width]
        self.down = nn.ModuleList(_level(a, b) for a, b in pairwise([views, *widths]))
        rising = [8 * width, 4 * width, 2 * width, width, width]
        self.up = nn.ModuleList(
            _level(below + beside, out, between=beside)
            for below, beside, out in zip(rising[:-1], widths[-2::-1], rising[1:], strict=True)
        )
        self.lowest, self.lower = PlainAttention(8 * width), PlainAttention(4 * width)
        self.last = nn.Conv3d(width, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the volumes."""
        skips: list[Tensor] = []
        for level in self.down:
            x = level(F.max_pool3d(x, 2) if skips else x)
            skips.append(x)
        x = self.lowest(skips.pop())
        for step, level in enumerate(self.up):
            x = F.interpolate(x, scale_factor=2, mode="trilinear", align_corners=True)
            x = level(torch.cat((skips.pop(), x), dim=1))
            x = self.lower(x) if step == 0 else x
        volume: Tensor = self.last(x)
        return volume


def _level(inside: int, outside: int, between: int | None = None) -> nn.Sequential:
    layers: list[nn.Module] = []
    for a, b in pairwise([inside, between or outside, outside]):
        layers += [nn.Conv3d(a, b, 3, padding=1), nn.BatchNorm3d(b), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)
