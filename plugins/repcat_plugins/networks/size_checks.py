"""How small a volume a network can take."""

from __future__ import annotations

import math
from typing import Annotated

from annotated_types import Ge, Le

from repcat import Grid, PartError

# Channels, or blocks, of each level of a network.
Channels = tuple[Annotated[int, Ge(1), Le(10_000)], ...]
Blocks = tuple[Annotated[int, Ge(1), Le(1_000)], ...]
MOST_LEVELS = 16


def check_room(volume: Grid, least: int, network: str, instead: str = "") -> None:
    """Raise PartError unless a volume has at least `least` voxels along each axis.

    `instead` says how to do without the network.
    """
    if min(volume.size) < least:
        msg = (
            f"the {network} needs {least} voxels a side or more, but the volume is {volume}; "
            f"set data.size higher{instead}"
        )
        raise PartError(msg, code="volume-too-small")


def check_sides(
    size: tuple[int, ...], stride: int, name: str, cure: str, *, voxels: int = 2
) -> None:
    """Raise PartError unless each side is a multiple of `stride`, all the levels' strides in one.

    `voxels` is the least number at the coarsest level: normalisation over a single one erases it.
    """
    if any(n % stride for n in size) or math.prod(n // stride for n in size) < voxels:
        least = stride * min(voxels, 2)
        msg = (
            f"backbone {name!r} takes volumes whose sides are multiples of {stride}, from {least} "
            f"up, not {' x '.join(map(str, size))}; {cure}"
        )
        raise PartError(msg, code="wrong-sides")


def check_channels(channels: tuple[int, ...], least: int, name: str) -> None:
    """Raise PartError unless every level has at least `least` channels."""
    if min(channels) < least:
        msg = f"backbone {name!r} takes {least} channels or more at each level, not {channels}"
        raise PartError(msg, code="wrong-options")
