"""Eight voxels as the channels of one of twice the edge, and back; nothing is lost or computed.

Convolutions of few channels are slow where voxels are many: eight times the channels on an eighth
of the voxels make the same sums in a fraction of the time (Shi et al. 2016, in two dimensions).
"""

from __future__ import annotations

from torch import Tensor


def folded(x: Tensor) -> Tensor:
    """Turn (B, C, 2D, 2H, 2W) into (B, 8C, D, H, W)."""
    batch, channels, depth, height, width = x.shape
    cut = x.reshape(batch, channels, depth // 2, 2, height // 2, 2, width // 2, 2)
    return cut.permute(0, 1, 3, 5, 7, 2, 4, 6).flatten(1, 4)


def unfolded(x: Tensor) -> Tensor:
    """Turn (B, 8C, D, H, W) into (B, C, 2D, 2H, 2W): the inverse of `folded`."""
    cut: Tensor = x.unflatten(1, (-1, 2, 2, 2))
    whole = cut.permute(0, 1, 5, 2, 6, 3, 7, 4)
    return whole.flatten(6, 7).flatten(4, 5).flatten(2, 3)
