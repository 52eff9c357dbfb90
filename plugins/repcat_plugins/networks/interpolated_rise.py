"""Interpolation and a convolution in the place of a transposed convolution: no lattice."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn
from torch.nn import functional as F

from repcat_plugins.networks.pointwise import Pointwise
from repcat_plugins.networks.resampling import resized

FEWEST = 8  # channels that are interpolated, so that the last convolution has something to choose


class InterpolatedRise(nn.Module):
    """Enlarge `factor` times: mix channels, interpolate, convolve (Odena et al. 2016).

    A transposed convolution gives voxels of different places between the coarse ones different
    weights, which show as a lattice of its stride. Channels are mixed first, while voxels are few.
    """

    def __init__(
        self, inside: int, outside: int, factor: int, mode: Literal["linear", "nearest"]
    ) -> None:
        super().__init__()
        between = max(outside, FEWEST)
        self.factor, self.mode = factor, mode
        self.mix = Pointwise(inside, between)
        self.conv = nn.Conv3d(between, outside, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Turn (B, inside, D, H, W) into (B, outside, factor D, factor H, factor W)."""
        mixed = self.mix(x)
        size = tuple(self.factor * n for n in x.shape[2:])
        if self.mode == "nearest":
            large = F.interpolate(mixed, size=size, mode="nearest")
        else:
            large = resized(mixed, size)
        found: Tensor = self.conv(large)
        return found


def interpolate_up(network: nn.Module, mode: Literal["linear", "nearest"]) -> None:
    """Put an InterpolatedRise in the place of each transposed convolution that enlarges."""
    for parent in [*network.modules()]:
        for name, layer in [*parent.named_children()]:
            if isinstance(layer, nn.ConvTranspose3d) and layer.stride[0] > 1:
                channels = layer.in_channels, layer.out_channels
                setattr(parent, name, InterpolatedRise(*channels, layer.stride[0], mode))
