"""The 2D encoder of a view: a stem and five stages, each a stride and a dense block."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from repcat_x2ct.channel_plan import BOTTLENECK, Plan


class Encoder(nn.Module):
    """Map a plane (B, 1, D, K) to six maps, finest first: what enters each stage, what leaves.

    At 128 with the defaults: 64 channels of 128^2, 128 of 64^2, 256 of 32^2, 512 of 16^2, 512 of
    8^2 and 704 of 4^2. Normalisation is by instance, without weights, in training and after.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.ReflectionPad2d(3),
            nn.Conv2d(1, plan.width, 7),
            nn.InstanceNorm2d(plan.width),
            nn.ReLU(inplace=True),
        )
        self.stages = nn.ModuleList(_stage(plan, n) for n in range(len(plan.layers)))

    def forward(self, plane_B1DK: Tensor) -> list[Tensor]:
        """Return the six maps."""
        maps = [self.stem(plane_B1DK)]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        return maps


class DenseLayer(nn.Module):
    """Append `growth` channels to a map."""

    def __init__(self, inside: int, growth: int) -> None:
        super().__init__()
        self.grow = nn.Sequential(
            *_activated(nn.Conv2d(inside, BOTTLENECK * growth, 1)),
            *_activated(nn.Conv2d(BOTTLENECK * growth, growth, 3, padding=1)),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, inside + growth, D, K)."""
        return torch.cat([x, self.grow(x)], dim=1)


def _stage(plan: Plan, n: int) -> nn.Sequential:
    """Halve the map, grow it densely and, but for the last stage, halve its channels."""
    channels, growth = plan.maps[n], plan.growth
    dense = [DenseLayer(channels + k * growth, growth) for k in range(plan.layers[n])]
    down = _activated(nn.Conv2d(channels, channels, 3, stride=2, padding=1))
    last = n == len(plan.layers) - 1
    squeeze = [] if last else _activated(nn.Conv2d(plan.dense[n], plan.maps[n + 1], 1))
    return nn.Sequential(*down, *dense, *squeeze)


def _activated(convolution: nn.Conv2d) -> list[nn.Module]:
    """Put normalisation and ReLU before a convolution."""
    return [nn.InstanceNorm2d(convolution.in_channels), nn.ReLU(inplace=True), convolution]
