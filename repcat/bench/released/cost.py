"""The released cost: geomloss' Sinkhorn divergence on the points, map by map."""

from __future__ import annotations

from torch import Tensor


def released_cost(fakes: list[Tensor], truths: list[Tensor]) -> Tensor:
    """Sum the divergence over maps (B, C, ...), in the maps' own precision.

    Each voxel is divided by its norm over channels; p = 2, blur .05, geomloss' scaling of .5. A map
    is a cloud of B points.
    """
    from geomloss import SamplesLoss

    divergence = SamplesLoss("sinkhorn", p=2, blur=0.05)
    pairs = zip(fakes, truths, strict=True)
    total: Tensor = sum(divergence(_points(a), _points(b)) for a, b in pairs)
    return total


def _points(maps: Tensor) -> Tensor:
    norms: Tensor = maps.norm(dim=1, keepdim=True)
    return (maps / (norms + 1e-10)).flatten(1)
