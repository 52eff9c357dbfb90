"""The normalisation after a convolution of the asymmetric networks."""

from __future__ import annotations

import math
from typing import Literal

from torch import nn

Norm = Literal["batch", "instance"]


def norm_of(name: Norm, channels: int, dimensions: int) -> nn.Module:
    """Return a normalisation with weights, for images (2) or volumes (3)."""
    if name == "batch":
        return (nn.BatchNorm2d if dimensions == 2 else nn.BatchNorm3d)(channels)
    layer = nn.InstanceNorm2d if dimensions == 2 else nn.InstanceNorm3d
    return layer(channels, affine=True)


def groups(channels: int) -> nn.GroupNorm:
    """Return GroupNorm of eight groups, or of as many as divide the channels evenly."""
    return nn.GroupNorm(math.gcd(8, channels), channels)
