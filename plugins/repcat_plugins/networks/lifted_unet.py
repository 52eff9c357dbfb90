"""A 3D U-Net that takes more in on its way up: volumes lifted at each scale."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

from repcat_plugins.networks.norm import groups
from repcat_plugins.networks.patches import folded, unfolded
from repcat_plugins.networks.pointwise import Pointwise
from repcat_plugins.networks.resampling import resized

VolumeNorm = Literal["group", "batch"]


class LiftedUNet(nn.Module):
    """Down by convolutions of stride 2, up by interpolation; nothing is convolved at full size.

    The raw volume enters, and the result leaves, as patches of 2^3 voxels (`folded`). `channels`
    are those of each scale, finest first, and of the volumes that are added to each but the finest
    on the way up, None: nothing. The coarsest scale has a learnt position. `norm` "group" is kept
    to the branches of residual convolutions, and from the finest, so that the grey scale, which it
    takes away, goes by; "batch", which leaves it, follows every convolution.
    """

    def __init__(self, raw: int, channels: tuple[int, ...], size: int, norm: VolumeNorm) -> None:
        super().__init__()
        out, *widths = channels
        coarse = size // 2 ** len(widths)
        self.position = nn.Parameter(torch.zeros(widths[-1], coarse, coarse, coarse))
        self.enter = nn.Sequential(Pointwise(8 * raw, widths[0]), *_passing(norm, widths[0]))
        self.down = nn.ModuleList(_down(a, b, norm) for a, b in pairwise(widths))
        self.rise = nn.ModuleList(Pointwise(a, b) for b, a in pairwise(widths))
        self.blocks = nn.ModuleList(_block(c, norm, finest=n == 0) for n, c in enumerate(widths))
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

    def __init__(self, channels: int, *norm: nn.Module) -> None:
        super().__init__()
        conv = nn.Conv3d(channels, channels, 3, padding=1)
        self.body = nn.Sequential(conv, *norm, nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, channels, D, H, W)."""
        found: Tensor = x + self.body(x)
        return found


def _passing(norm: VolumeNorm, channels: int) -> list[nn.Module]:
    """Return what follows a convolution that nothing goes by."""
    return [*[nn.BatchNorm3d(channels)] * (norm == "batch"), nn.ReLU()]


def _down(inside: int, outside: int, norm: VolumeNorm) -> nn.Sequential:
    conv = nn.Conv3d(inside, outside, 3, stride=2, padding=1)
    return nn.Sequential(conv, *_passing(norm, outside))


def _block(channels: int, norm: VolumeNorm, finest: bool) -> nn.Sequential:
    """Return one residual convolution at the finest of these scales, two at the others."""
    count = 1 if finest else 2
    if norm == "batch":
        branches: list[list[nn.Module]] = [[nn.BatchNorm3d(channels)] for _ in range(count)]
    else:
        branches = [[] if finest else [groups(channels)] for _ in range(count)]
    return nn.Sequential(*_passing(norm, channels), *(Residual(channels, *b) for b in branches))
