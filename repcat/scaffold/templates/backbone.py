"""A backbone for repcat: my_part."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge
from torch import nn
from typing_extensions import Doc

import repcat


def my_part(
    source: repcat.Grid,
    target: repcat.Grid,
    *,
    width: Annotated[int, Ge(1), Doc("channels between the two layers")] = 8,
) -> nn.Module:
    """Build a two-layer network that keeps the size of its input."""
    repcat.need_same_size(source, target, "my_part")
    return nn.Sequential(
        nn.Conv3d(source.channels, width, 3, padding=1),
        nn.GELU(),
        nn.Conv3d(width, target.channels, 3, padding=1),
    )


@repcat.hookimpl
def repcat_register(parts: repcat.Parts) -> None:
    """Add the backbone under the name that a recipe knows it by."""
    parts.backbones.add("my_part", my_part)
