"""The three connections from 2D to 3D and between views: A, B and C of the paper.

3D maps lie as the volume does, (B, C, D, H, W), in both views' decoders. The published network
holds them as (B, C, H, D, W) and (B, C, W, D, H) and permutes them at each fusion: the same
function, the axes of its cubic kernels named otherwise.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from repcat_x2ct.channel_plan import Plan


class Latent(nn.Module):
    """Connection A: the last map's average, spread over the decoder's first cube."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        cube = (plan.decoder[0], plan.start, plan.start, plan.start)
        self.spread = nn.Sequential(
            nn.Linear(plan.maps[-1], plan.decoder[0] * plan.start**3),
            nn.Dropout(plan.dropout),
            nn.ReLU(),
            nn.Unflatten(1, cube),
        )

    def forward(self, map_BCDK: Tensor) -> Tensor:
        """Turn (B, 704, 4, 4) into (B, 256, 4, 4, 4), numbers as at 128."""
        cube: Tensor = self.spread(map_BCDK.mean(dim=(2, 3)))
        return cube


class Link(nn.Module):
    """Connection B: a 2D map, repeated along its ray and convolved, for a level of the decoder."""

    def __init__(self, inside: int, outside: int, ray: int) -> None:
        super().__init__()
        self.reduce = reduce(inside, outside)
        self.spread = nn.Sequential(RayConv(outside, ray), nn.InstanceNorm3d(outside), nn.ReLU())

    def forward(self, map_BCDK: Tensor) -> Tensor:
        """Turn (B, inside, D, K) into (B, outside, D, H, W)."""
        volume: Tensor = self.spread(self.reduce(map_BCDK))
        return volume


class Average(nn.Module):
    """Connection C: the mean of the two views' maps."""

    def forward(self, frontal: Tensor, lateral: Tensor) -> Tensor:
        """Return the mean, of the same shape."""
        return (frontal + lateral) / 2


class RayConv(nn.Conv3d):
    """A convolution 3^3 of a map that is repeated along one axis, from a single plane of it.

    Along the ray such a map has three different planes of results: the first, the last, and all
    between, each a 2D convolution with a part of the kernel summed along the ray. The result is
    that of the 3D convolution, up to rounding, for a fraction of the work.
    """

    def __init__(self, channels: int, ray: int) -> None:
        super().__init__(channels, channels, 3, padding=1)
        self.ray = ray

    def forward(self, plane_BCDK: Tensor) -> Tensor:
        """Turn (B, C, D, K) into (B, C, D, H, W), 2 voxels or more along the ray."""
        assert self.bias is not None
        starts, lengths = (1, 0, 0), (2, 3, 2)
        kernels = [
            self.weight.narrow(self.ray, start, length).sum(self.ray)
            for start, length in zip(starts, lengths, strict=True)
        ]
        planes = F.conv2d(plane_BCDK, torch.cat(kernels), self.bias.repeat(3), padding=1)
        first, inner, last = planes.unsqueeze(self.ray).chunk(3, dim=1)
        shape = [-1] * 5
        shape[self.ray] = plane_BCDK.shape[-1] - 2
        return torch.cat([first, inner.expand(shape), last], dim=self.ray)


def reduce(inside: int, outside: int) -> nn.Sequential:
    """Build the 2D half of connection B: fewer channels, normalised, rectified."""
    return nn.Sequential(nn.Conv2d(inside, outside, 1), nn.InstanceNorm2d(outside), nn.ReLU())
