"""d of Eqs. 3 and 4: the residual discriminator that scores a volume.

The residual critic of WGAN-QC and Neural OT in 3D. Where those leave a choice (an activation after
the first convolution, one group and eps 1e-6 in the attention's norm) it is the one with which the
released network's weights give its scores, to 4e-8.
"""

from __future__ import annotations

import math
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from repcat import Grid, PartError
from repcat_plugins.networks.attention import Attention
from repcat_plugins.networks.frozen import held
from repcat_plugins.networks.init import kaiming
from repcat_plugins.networks.pointwise import Pointwise
from repcat_plugins.networks.resampling import Halve
from repcat_plugins.networks.size_checks import check_room


class Critic(nn.Module):
    """Map a volume (B, 1, D, H, W) to a score (B, 1).

    Pairs of residual blocks with a pool that halves between them, until the smallest side is 4 to
    7 voxels; channels double from `width` up to `widest`; one head of attention at the end.
    41,325,793 weights at 64^3. The released code sizes its last layer for 64^3 and up only; this
    one fits any side from 8 up. Nothing bounds its slope unless asked: `spectral_norm` divides each
    layer's weights by their largest singular value (Miyato et al. 2018, arXiv:1802.05957),
    `score_bound` b returns b tanh(score / b). `checkpointing` recomputes the maps within a block in
    the backward pass: less memory, slower; not with spectral norms, whose estimate moves with each
    pass.
    """

    def __init__(
        self,
        volume: Grid,
        *,
        width: int = 32,
        widest: int = 512,
        attention: bool = True,
        checkpointing: bool = False,
        spectral_norm: bool = False,
        score_bound: float = 0.0,
    ) -> None:
        super().__init__()
        check_room(volume, 8, "critic")
        if spectral_norm and checkpointing:
            msg = "a critic with spectral_norm cannot recompute its maps: set one of both to false"
            raise PartError(msg, code="wrong-options")
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
        self.checkpointing, self.score_bound = checkpointing, score_bound
        self.fc = nn.Linear(widths[-1] * math.prod(size), 1)
        kaiming(self)
        if spectral_norm:
            for layer in [m for m in self.modules() if isinstance(m, nn.Conv3d | nn.Linear)]:
                nn.utils.parametrizations.spectral_norm(layer)

    def forward(self, volume: Tensor) -> Tensor:
        """Return one score a volume, (B, 1)."""
        x = F.leaky_relu(self.conv_img(volume), 0.2, inplace=True)
        for block in self.resnet:
            x = self._recomputed(block, x) if self.checkpointing else block(x)
        score: Tensor = self.fc(x.flatten(1))
        return (
            self.score_bound * torch.tanh(score / self.score_bound) if self.score_bound else score
        )

    def _recomputed(self, block: nn.Module, x: Tensor) -> Tensor:
        """Run a block of which nothing but its input is kept for the backward pass."""
        weights = self.fc.bias.requires_grad  # else it is `held`, and must be so again

        def again() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
            return nullcontext(), nullcontext() if weights else held(block)

        y: Tensor = checkpoint(
            block, x, use_reentrant=False, preserve_rng_state=False, context_fn=again
        )
        return y


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
