"""d of Eqs. 3 and 4: the residual discriminator that scores a volume.

The residual critic of WGAN-QC and Neural OT in 3D. Where those leave a choice (an activation after
the first convolution, one group and eps 1e-6 in the attention's norm) it is the one with which the
released network's weights give its scores, to 4e-8.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from repcat import Grid
from repcat_plugins.networks.attention import Attention
from repcat_plugins.networks.init import kaiming
from repcat_plugins.networks.pointwise import Pointwise
from repcat_plugins.networks.resampling import Halve
from repcat_plugins.networks.size_checks import check_room


class Critic(nn.Module):
    """Map a volume (B, 1, D, H, W) to a score (B, 1).

    Pairs of residual blocks with a pool that halves between them, until the smallest side is 4 to
    7 voxels; channels double from `width` up to `widest`; one head of attention at the end.
    41,325,793 weights at 64^3. The released code sizes its last layer for 64^3 and up only; this
    one fits any side from 8 up. Nothing bounds its slope: no gradient penalty, no clipping.
    """

    def __init__(
        self, volume: Grid, *, width: int = 32, widest: int = 512, attention: bool = True
    ) -> None:
        super().__init__()
        check_room(volume, 8, "critic")
        halvings = int(math.log2(min(volume.size) / 4))
        widths = [min(width * 2**k, widest) for k in range(halvings + 2)]
        blocks: list[nn.Module] = []
        size = volume.size
        for here, wider in pairwise(widths):
            if blocks:
                blocks.append(Halve())
                size = tuple((n + 1) // 2 for n in size)
            blocks += [_Residual(here, here), _Residual(here, wider)]
        if attention:
            blocks.append(Attention(widths[-1]))
        self.conv_img = nn.Conv3d(volume.channels, widths[0], 3, padding=1)
        self.resnet = nn.Sequential(*blocks)
        self.fc = nn.Linear(widths[-1] * math.prod(size), 1)
        kaiming(self)

    def forward(self, volume: Tensor) -> Tensor:
        """Return one score a volume, (B, 1)."""
        x = self.resnet(F.leaky_relu(self.conv_img(volume), 0.2, inplace=True))
        score: Tensor = self.fc(x.flatten(1))
        return score


class _Residual(nn.Module):
    """Add a tenth of two convolutions to the input."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        between = min(inside, outside)
        self.conv_0 = nn.Conv3d(inside, between, 3, padding=1)
        self.conv_1 = nn.Conv3d(between, outside, 3, padding=1)
        if inside != outside:
            self.conv_s = Pointwise(inside, outside)
        self.wider = inside != outside

    def forward(self, x: Tensor) -> Tensor:
        short = self.conv_s(x) if self.wider else x
        change = self.conv_1(F.leaky_relu(self.conv_0(x), 0.2, inplace=True))
        return F.leaky_relu(torch.add(short, change, alpha=0.1), 0.2, inplace=True)
