"""View pooling: any number of X-rays, each carried along its rays, pooled voxel by voxel."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Annotated, Literal

import torch
from annotated_types import Ge, Le, Len
from torch import Tensor, nn
from typing_extensions import Doc

from repcat import Batch, Grid, InputMapper, Task, View
from repcat_plugins.mappers.harmonics import waves
from repcat_plugins.mappers.ramp import ramp
from repcat_plugins.mappers.rays import Rays

Pool = Literal["mean", "max", "deviation"]
STILL = 1e-6  # added to a variance, whose root has no slope at 0: where there is one view


class ViewPool(InputMapper):
    """Give each voxel its pixel in each view, and pool over the views: (B, C, D, H, W).

    One network for any number of views at any azimuth, in any order. Each view is encoded by the
    same 2D convolutions, which also read the cosine and sine of its azimuth; grey value and
    features go to every voxel along the exact rays (see `Rays`) and are pooled over the views, as
    MVCNN pools photographs (Su et al. 2015, Sec. 3.2) and DIF-Net X-rays (Lin et al. 2023). A
    mirrored view is turned over first, so that both ways of storing an image give the same.

    Pools forget which view saw what. `harmonics` keep it without an order: means over views of what
    each saw times the cosines and sines of multiples of its azimuth, from which a linear layer can
    tell as many views apart as there are of them and the mean. `filtered` adds the ramp-filtered
    grey value, whose mean over views is a filtered back-projection.
    """

    any_views = True

    def __init__(
        self,
        task: Task,
        *,
        features: Annotated[
            int, Ge(0), Le(256), Doc("features of a view beside its grey value; 0: none")
        ] = 8,
        layers: Annotated[
            int, Ge(1), Le(8), Doc("convolutions of 3 x 3 pixels that make the features")
        ] = 2,
        pool: Annotated[
            tuple[Pool, ...],
            Len(1, 3),
            Doc("how views become one, along channels; the deviation of one view is 0"),
        ] = ("mean", "max", "deviation"),
        harmonics: Annotated[
            int, Ge(0), Le(8), Doc("multiples of the azimuth whose waves are pooled; 0: none")
        ] = 0,
        filtered: Annotated[
            bool, Doc("carry ramp-filtered grey values too, as filtered back-projection does")
        ] = False,
    ) -> None:
        super().__init__()
        self.rays = Rays(replace(task, views=unmirrored(task.views)), "mapper 'view_pool'")
        self.encode = encoder(features, layers) if features else None
        self.pool, self.harmonics = pool, harmonics
        flat = ramp(task.xray.size[1]) if filtered else torch.zeros(0)
        self.register_buffer("flat", flat, persistent=False)
        carried = 1 + filtered + features
        self.out = Grid(carried * (len(pool) + 2 * harmonics), task.volume.size)

    flat: Tensor

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, (1 + filtered + features) * (pools + 2 harmonics), D, H, W)."""
        views = unmirrored(batch.views)
        grey = maps_BNCRC = turned_over(batch).unsqueeze(2)
        if self.encode:
            read = torch.cat((maps_BNCRC, directions(maps_BNCRC, views)), dim=2)
            found = self.encode(read.flatten(0, 1)).unflatten(0, read.shape[:2])
            maps_BNCRC = torch.cat((maps_BNCRC, found.to(maps_BNCRC)), dim=2)
        if self.flat.numel():
            maps_BNCRC = torch.cat((maps_BNCRC, grey @ self.flat.to(grey)), dim=2)
        seen_BNCDHW = self.rays(maps_BNCRC, views)
        pools = [POOLS[name](seen_BNCDHW) for name in self.pool]
        if self.harmonics:
            pools.append(waves(seen_BNCDHW, views, self.harmonics))
        return torch.cat(pools, dim=1)


def unmirrored(views: Sequence[View]) -> tuple[View, ...]:
    """Return the views as their detectors see them."""
    return tuple(replace(view, mirrored=False) for view in views)


def encoder(features: int, layers: int) -> nn.Sequential:
    """Return 2D convolutions from grey value, cosine and sine (3 channels) to features."""
    widths = [3, *[features] * layers]
    return nn.Sequential(
        *(nn.Sequential(nn.Conv2d(a, b, 3, padding=1), nn.GELU()) for a, b in pairwise(widths))
    )


def turned_over(batch: Batch) -> Tensor:
    """Return X-rays (B, N, rows, columns), the columns of mirrored views turned round."""
    images = zip(batch.views, batch.xrays.unbind(dim=1), strict=True)
    return torch.stack([x.flip(-1) if view.mirrored else x for view, x in images], dim=1)


def directions(maps_BNCRC: Tensor, views: Sequence[View]) -> Tensor:
    """Return cosine and sine of each view's azimuth in every pixel, (B, N, 2, rows, columns)."""
    angles = [math.radians(view.azimuth) for view in views]
    both = maps_BNCRC.new_tensor([(math.cos(a), math.sin(a)) for a in angles])
    size = (*maps_BNCRC.shape[:2], 2, *maps_BNCRC.shape[3:])
    return both[None, :, :, None, None].expand(size)


def deviation(seen_BNCDHW: Tensor) -> Tensor:
    """Return the standard deviation over views, at least 0.001."""
    apart = seen_BNCDHW - seen_BNCDHW.mean(dim=1, keepdim=True)
    return (apart.square().mean(dim=1) + STILL).sqrt()  # torch's var takes five times as long


POOLS: dict[Pool, Callable[[Tensor], Tensor]] = {
    "mean": lambda seen_BNCDHW: seen_BNCDHW.mean(dim=1),
    "max": lambda seen_BNCDHW: seen_BNCDHW.amax(dim=1),
    "deviation": deviation,
}
