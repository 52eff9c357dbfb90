"""A whole backbone as a plugin of repcat: one function, one hook."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge, Le
from torch import nn
from typing_extensions import Doc

import repcat


def bottleneck(
    source: repcat.Grid,
    target: repcat.Grid,
    *,
    width: Annotated[int, Ge(1), Le(10_000), Doc("channels between the two layers")] = 8,
) -> nn.Module:
    """Build a two-layer network that keeps the size of its input."""
    repcat.need_same_size(source, target, "bottleneck")
    return nn.Sequential(
        nn.Conv3d(source.channels, width, 3, padding=1),
        nn.GELU(),
        nn.Conv3d(width, target.channels, 3, padding=1),
    )


@repcat.hookimpl
def repcat_register(parts: repcat.Parts) -> None:
    """Add the backbone under the name that a recipe knows it by."""
    parts.backbones.add("bottleneck", bottleneck)
