"""Lifting: feature maps of X-rays carried along their rays into a volume, and pooled over views."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from repcat import Geometry, Grid, Task, View
from repcat_plugins.mappers.rays import Rays
from repcat_plugins.mappers.view_pool import unmirrored
from repcat_plugins.networks.pointwise import Pointwise

KNOTS = 5  # of the function of depth that each channel learns


class Lifting(nn.Module):
    """Carry maps of any size into the task's volume: (B, N, C, h, w) to (B, outside, D, H, W).

    Of one view, a voxel has relu((1 + g(depth)) W f(pixel) + h(depth)), where f are the features of
    the pixel that saw it, depth is how near the source it lies, and g and h are learnt polygons of
    KNOTS corners: without them all voxels of a ray would be told the same. It is 0 where the
    detector does not see the voxel. W mixes channels, and interpolation pixels, so W is taken in
    the image, where it is cheap. Mean (over the views that see it) and maximum of the views come
    with the logarithm of their number and are mixed to `outside` channels: any number of views, in
    any order. `channels` are those of the maps, of what is lifted, and `outside`.
    """

    depths: Tensor

    def __init__(self, task: Task, channels: tuple[int, int, int], who: str) -> None:
        super().__init__()
        inside, features, outside = channels
        self.rays = Rays(task, who)
        known = [depths(self.rays.geometry, view) for view in self.rays.numbers]
        self.register_buffer("depths", torch.stack(known), persistent=False)
        self.before = nn.Conv2d(inside, features, 1)
        self.depth = nn.Parameter(0.1 * torch.randn(2, features, KNOTS))
        self.after = Pointwise(2 * features, outside)
        self.number = nn.Parameter(torch.zeros(outside))

    def forward(self, maps_BNCRC: Tensor, views: Sequence[View]) -> Tensor:
        """Return (B, outside, D, H, W)."""
        flat = self.before(maps_BNCRC.flatten(0, 1))
        by_view = flat.unflatten(0, maps_BNCRC.shape[:2]).unbind(dim=1)
        lifted = [self._lift(maps, view) for maps, view in zip(by_view, views, strict=True)]
        seen = reduce(torch.add, [mask for _, mask in lifted]).clamp(min=1)
        mean = reduce(torch.add, [volume for volume, _ in lifted]) / seen
        largest = reduce(torch.maximum, [volume for volume, _ in lifted])
        mixed = self.after(torch.cat((mean, largest), dim=1))
        pooled: Tensor = mixed + (self.number * log_number(views))[:, None, None, None]
        return pooled

    def _lift(self, maps_BCRC: Tensor, view: View) -> tuple[Tensor, Tensor]:
        """Return one view's voxels (B, C, D, H, W), and 1 where the detector sees them, else 0."""
        volume, grid = self.rays.along(maps_BCRC, view), self.rays.grid(view)
        mask = in_sight(grid).to(volume).reshape(self.rays.geometry.voxels)
        heights = hats(self._depths(view), KNOTS).flatten(1)
        gain, shift = (self.depth @ heights).unflatten(2, mask.shape)
        return F.relu(torch.addcmul(shift, volume, 1 + gain)) * mask, mask

    def _depths(self, view: View) -> Tensor:
        number = self.rays.numbers.get(view)
        if number is not None:
            return self.depths[number]
        return depths(self.rays.geometry, view).to(self.depths)


def coarser(task: Task, size: int) -> Task:
    """Return the task with `size` voxels and pixels a side, each view as its detector sees it."""
    scene = task.geometry.resized(size)
    grids = Grid(task.xray.channels, scene.pixels), Grid(1, scene.voxels)
    return replace(task, views=unmirrored(task.views), geometry=scene, xray=grids[0],
                   volume=grids[1])  # fmt: skip


def in_sight(grid: Tensor) -> Tensor:
    """Return 1 where a place (..., 2) of `Geometry.sample_grid` lies on the detector, else 0."""
    return (grid.abs() <= 1).all(dim=-1)


def hats(values: Tensor, knots: int) -> Tensor:
    """Return (knots, ...): how much each of so many equal steps from -1 to 1 has of the values.

    They add up to 1: between two knots, as linear interpolation has it.
    """
    place = (values.clamp(-1, 1) + 1) * (knots - 1) / 2
    at = torch.arange(knots, dtype=values.dtype, device=values.device)
    return (1 - (place - at.view(-1, *[1] * values.dim())).abs()).clamp(min=0)


def log_number(views: Sequence[View]) -> float:
    """Return the logarithm of the number of views: 0 of one, 1 of eight."""
    return math.log(len(views), 8)


def depths(geometry: Geometry, view: View) -> Tensor:
    """Return how near the source voxels lie, (D, H, W), float32: -1 and 1 at the cube's corners."""
    reach = math.hypot(*geometry.volume_mm) / 2
    points = geometry.voxel_centres()
    return (points @ points.new_tensor(view.source) / reach).float()
