"""A 2D encoder that gives its maps at every scale."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from repcat_plugins.networks.norm import groups


class ImagePyramid(nn.Module):
    """Halve an image again and again; give the maps of each scale, finest first.

    A scale is a convolution 3^2 (of stride 2 but for the first) and a residual one with GroupNorm,
    beside which the grey scale goes by, each with ReLU.
    """

    def __init__(self, inside: int, channels: tuple[int, ...]) -> None:
        super().__init__()
        self.scales = nn.ModuleList(
            ImageScale(a, b, stride=2 if n else 1)
            for n, (a, b) in enumerate(pairwise([inside, *channels]))
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        """Turn (B, inside, R, C) into maps (B, channels[i], R / 2^i, C / 2^i)."""
        maps = []
        for scale in self.scales:
            x = scale(x)
            maps.append(x)
        return maps


class ImageScale(nn.Module):
    """A convolution, and one beside which what it gave goes on."""

    def __init__(self, inside: int, outside: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Sequential(
            nn.Conv2d(inside, outside, 3, stride=stride, padding=1), nn.ReLU()
        )
        self.second = nn.Sequential(nn.Conv2d(outside, outside, 3, padding=1), groups(outside))
        self.act = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, outside, R / stride, C / stride)."""
        x = self.first(x)
        found: Tensor = self.act(x + self.second(x))
        return found
