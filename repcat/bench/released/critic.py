"""The released d: residual blocks with a pool between each two, 41,325,793 weights at 64^3."""

from __future__ import annotations

import math
from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F

from repcat.bench.released.attention import PlainAttention

WIDTH, WIDEST = 32, 512


class PlainCritic(nn.Module):
    """Map volumes (B, 1, S, S, S) to scores (B, 1); each pass is one volume's or one batch's.

    LeakyReLU .2 works in place, as in the public code the network descends from (WGAN-QC, Neural
    OT); convolutions of one voxel are torch's.
    """

    def __init__(self, size: int, *, width: int = WIDTH, widest: int = WIDEST) -> None:
        super().__init__()
        halvings = int(math.log2(size / 4))
        widths = [min(width * 2**k, widest) for k in range(halvings + 2)]
        blocks: list[nn.Module] = []
        for here, wider in pairwise(widths):
            if blocks:
                blocks.append(nn.AvgPool3d(3, stride=2, padding=1))
                size = (size + 1) // 2
            blocks += [PlainResidual(here, here), PlainResidual(here, wider)]
        self.conv_img = nn.Conv3d(1, width, 3, padding=1)
        self.resnet = nn.Sequential(*blocks, PlainAttention(widths[-1]))
        self.fc = nn.Linear(widths[-1] * size**3, 1)

    def forward(self, volume: Tensor) -> Tensor:
        """Return one score a volume, (B, 1)."""
        x = self.resnet(F.leaky_relu(self.conv_img(volume), 0.2, inplace=True))
        score: Tensor = self.fc(x.flatten(1))
        return score


class PlainResidual(nn.Module):
    """Add a tenth of two convolutions to the input."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        between = min(inside, outside)
        self.conv_0 = nn.Conv3d(inside, between, 3, padding=1)
        self.conv_1 = nn.Conv3d(between, outside, 3, padding=1)
        self.conv_s = (
            nn.Conv3d(inside, outside, 1, bias=False) if inside != outside else nn.Identity()
        )

    def forward(self, x: Tensor) -> Tensor:
        """Turn (B, inside, ...) into (B, outside, ...)."""
        change = self.conv_1(F.leaky_relu(self.conv_0(x), 0.2, inplace=True))
        return F.leaky_relu(self.conv_s(x) + 0.1 * change, 0.2, inplace=True)
