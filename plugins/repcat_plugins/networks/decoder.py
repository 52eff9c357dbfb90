"""A 3D decoder: transposed convolutions that double a coarse grid up to a volume."""

from __future__ import annotations

import math
from itertools import pairwise

from torch import Tensor, nn

from repcat import Grid
from repcat_plugins.networks.norm import Norm, norm_of


class Decoder(nn.Module):
    """Double a grid as often as it takes to reach the target.

    Each doubling is a transposed convolution 4^3 of stride 2, normalisation and ReLU (as 3D-GAN,
    Wu et al. 2016); channels halve to `width` at the end, never above `widest`; a convolution 3^3
    comes last. `target.size` is `source.size` times a power of two.
    """

    def __init__(self, source: Grid, target: Grid, *, width: int, widest: int, norm: Norm) -> None:
        super().__init__()
        doublings = int(math.log2(target.size[0] // source.size[0]))
        widths = [min(width * 2**k, widest) for k in reversed(range(doublings))]
        layers: list[nn.Module] = []
        for inside, outside in pairwise([source.channels, *widths]):
            layers += [
                nn.ConvTranspose3d(inside, outside, 4, stride=2, padding=1, bias=False),
                norm_of(norm, outside, 3),
                nn.ReLU(inplace=True),
            ]
        last = nn.Conv3d(widths[-1] if widths else source.channels, target.channels, 3, padding=1)
        self.main = nn.Sequential(*layers, last)

    def forward(self, x: Tensor) -> Tensor:
        """Turn (B, source.channels, d, h, w) into (B, target.channels, D, H, W)."""
        volume: Tensor = self.main(x)
        return volume


def start_of(size: tuple[int, ...], least: tuple[int, ...]) -> tuple[int, ...]:
    """Halve a size while it stays whole and no side falls below `least`."""
    while all(n % 2 == 0 and n // 2 >= m for n, m in zip(size, least, strict=True)):
        size = tuple(n // 2 for n in size)
    return size
