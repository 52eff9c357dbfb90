"""The levels of a 3D decoder, of a view and of the fusion alike."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn

from repcat_x2ct.channel_plan import Plan


class Decoder(nn.Module):
    """Six levels, coarsest first, each a `join` and a `work`; views are fused between the two.

    `blocks` counts the plain convolutions of each level. The last level ends in a volume.
    """

    def __init__(self, plan: Plan, blocks: tuple[int, ...]) -> None:
        super().__init__()
        channels = plan.decoder
        ends = [_double(*pair) for pair in itertools.pairwise(channels)]
        self.joins = nn.ModuleList(_block(2 * c, c) for c in channels[1:])
        self.works = nn.ModuleList(
            nn.Sequential(*(_block(c, c) for _ in range(count)), end)
            for c, count, end in zip(channels, blocks, [*ends, _head(channels[-1])], strict=True)
        )

    def join(self, k: int, coarser: Tensor, second: Tensor | None) -> Tensor:
        """Return level k's map (B, C, D, H, W); the coarsest level has no second one."""
        if second is None:
            return coarser
        joined: Tensor = self.joins[k - 1](torch.cat([coarser, second], dim=1))
        return joined

    def work(self, k: int, x: Tensor) -> Tensor:
        """Return what the next level joins, twice as fine, or the volume (B, 1, D, H, W)."""
        result: Tensor = self.works[k](x)
        return result


def _block(inside: int, outside: int) -> nn.Sequential:
    convolution = nn.Conv3d(inside, outside, 3, padding=1)
    return nn.Sequential(convolution, nn.InstanceNorm3d(outside), nn.ReLU(inplace=True))


def _double(inside: int, outside: int) -> nn.Sequential:
    up = nn.ConvTranspose3d(inside, outside, 3, stride=2, padding=1, output_padding=1)
    return nn.Sequential(up, nn.InstanceNorm3d(outside), nn.ReLU(inplace=True))


def _head(inside: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv3d(inside, 1, 7, padding=3), nn.ReLU(inplace=True))
