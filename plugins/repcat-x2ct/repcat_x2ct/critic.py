"""The critic: a patch discriminator of a volume beside its X-rays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor, nn

from repcat_x2ct.weights import draw


class PatchCritic(nn.Module):
    """Judge overlapping patches: (B, C, D, H, W) to logits (B, 1, d, h, w), 19^3 at 128^3.

    Three convolutions 4^3 of stride 2 and two of stride 1, from `width` to 8 times as many
    channels; normalisation by instance, without weights, and no bias before it. 11,055,169 weights
    for a volume and two X-rays.
    """

    def __init__(self, channels: int, width: int = 64) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv3d(channels, width, 4, stride=2, padding=2),
            nn.LeakyReLU(0.2, inplace=True),
            *_normed(width, 2 * width, stride=2),
            *_normed(2 * width, 4 * width, stride=2),
            *_normed(4 * width, 8 * width, stride=1),
            nn.Conv3d(8 * width, 1, 4, padding=2),
        )
        draw(self)

    def forward(self, x: Tensor) -> Tensor:
        """Return a logit for each patch."""
        logits: Tensor = self.main(x)
        return logits


@contextmanager
def held(network: nn.Module) -> Iterator[None]:
    """Let gradients pass through a network without collecting any in its weights."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)


def _normed(inside: int, outside: int, *, stride: int) -> list[nn.Module]:
    convolution = nn.Conv3d(inside, outside, 4, stride=stride, padding=2, bias=False)
    return [convolution, nn.InstanceNorm3d(outside), nn.LeakyReLU(0.2, inplace=True)]
