"""A 3D U-Net that takes more in on its way up: volumes lifted at each scale."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from repcat_plugins.networks.norm import groups
from repcat_plugins.networks.patches import folded, unfolded
from repcat_plugins.networks.pointwise import Pointwise
from repcat_plugins.networks.resampling import resized


class LiftedUNet(nn.Module):
    """Down by convolutions of stride 2, up by interpolation; nothing is convolved at full size.

    The raw volume enters, and the result leaves, as patches of 2^3 voxels (`folded`). `channels`
    are those of each scale, finest first, and of the volumes that are added to each but the finest
    on the way up, None: nothing. The coarsest scale has a learnt position. What leaves has not been
    normalised since the scale below, which would take the grey scale away.
    """

    def __init__(self, raw: int, channels: tuple[int, ...], size: int) -> None:
        super().__init__()
        out, *widths = channels
        coarse = size // 2 ** len(widths)
        self.position = nn.Parameter(torch.zeros(widths[-1], coarse, coarse, coarse))
        self.enter = nn.Sequential(Pointwise(8 * raw, widths[0]), groups(widths[0]), nn.ReLU())
        self.down = nn.ModuleList(_down(a, b) for a, b in pairwise(widths))
        self.rise = nn.ModuleList(Pointwise(a, b) for b, a in pairwise(widths))
        self.blocks = nn.ModuleList(_block(c, finest=n == 0) for n, c in enumerate(widths))
        self.leave = nn.Conv3d(widths[0], 8 * out, 3, padding=1)
        self.act = nn.ReLU()

    def forward(self, raw: Tensor, lifted: Sequence[Tensor | None]) -> Tensor:
        """Turn (B, raw, D, H, W) and the volumes of each scale into (B, channels[0], D, H, W)."""
        skips = [self.enter(folded(raw))]
        for down in self.down:
            skips.append(down(skips[-1]))
        x = self.position.expand_as(skips[-1])
        for n in reversed(range(len(self.blocks))):
            joins = lifted[n]
            x = x + skips.pop() if joins is None else x + skips.pop() + joins
            x = self.blocks[n](x)
            x = self._risen(x, n - 1) if n else x
        found: Tensor = self.act(unfolded(self.leave(x)))
        return found

    def _risen(self, x: Tensor, scale: int) -> Tensor:
        """Return what goes from one scale up to `scale`, of twice the side."""
        narrow = self.rise[scale](x)
        return resized(narrow, tuple(2 * n for n in x.shape[2:]))


class Residual(nn.Module):
    """A convolution beside which what it is given goes on."""

    def __init__(self, channels: int, norm: bool) -> None:
        super().__init__()
        conv = nn.Conv3d(channels, channels, 3, padding=1)
        self.body = nn.Sequential(conv, *[groups(channels)] * norm, nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, channels, D, H, W)."""
        found: Tensor = x + self.body(x)
        return found


def _down(inside: int, outside: int) -> nn.Sequential:
    conv = nn.Conv3d(inside, outside, 3, stride=2, padding=1)
    return nn.Sequential(conv, groups(outside), nn.ReLU())


def _block(channels: int, finest: bool) -> nn.Sequential:
    """Return one convolution at the finest of these scales, two with GroupNorm at the others."""
    if finest:
        return nn.Sequential(nn.ReLU(), Residual(channels, norm=False))
    convs = (Residual(channels, norm=True) for _ in range(2))
    return nn.Sequential(groups(channels), nn.ReLU(), *convs)
