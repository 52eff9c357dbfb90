"""A 2D encoder: views stacked as channels, to a point in latent space."""

from __future__ import annotations

import math
from itertools import pairwise

from torch import Tensor, nn

from repcat import Grid
from repcat_plugins.networks.norm import Norm, norm_of


class ImageEncoder(nn.Module):
    """Halve an image until its smallest side has 4 to 7 pixels, then read it whole.

    Each halving is a convolution 4^2 of stride 2, normalisation and LeakyReLU .2; channels double
    from `width` up to `widest`.
    """

    def __init__(self, source: Grid, latent: int, *, width: int, widest: int, norm: Norm) -> None:
        super().__init__()
        halvings = max(0, int(math.log2(min(source.size) / 4)))
        widths = [min(width * 2**k, widest) for k in range(halvings)]
        layers: list[nn.Module] = []
        size = source.size
        for inside, outside in pairwise([source.channels, *widths]):
            layers += [
                nn.Conv2d(inside, outside, 4, stride=2, padding=1, bias=False),
                norm_of(norm, outside, 2),
                nn.LeakyReLU(0.2, inplace=True),
            ]
            size = tuple(n // 2 for n in size)
        pixels = math.prod(size) * (widths[-1] if widths else source.channels)
        self.main = nn.Sequential(*layers, nn.Flatten(), nn.Linear(pixels, latent))

    def forward(self, x: Tensor) -> Tensor:
        """Turn (B, N, rows, columns) into (B, latent)."""
        point: Tensor = self.main(x)
        return point
