"""How small a volume a network can take."""

from __future__ import annotations

from repcat import Grid, PartError


def need_room(volume: Grid, least: int, network: str, instead: str = "") -> None:
    """Raise PartError unless a volume has at least `least` voxels along each axis.

    `instead` says how to do without the network.
    """
    if min(volume.size) < least:
        msg = (
            f"the {network} needs {least} voxels a side or more, but the volume is {volume}; "
            f"set data.size higher{instead}"
        )
        raise PartError(msg)
