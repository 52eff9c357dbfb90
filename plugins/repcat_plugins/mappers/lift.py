"""Lift: learnt features of any number of X-rays, carried along exact rays at several scales."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import torch
from annotated_types import Ge, Le, Len
from torch import Tensor, nn
from typing_extensions import Doc

from repcat import Batch, Grid, InputMapper, PartError, Task, View
from repcat_plugins.mappers.harmonics import waves
from repcat_plugins.mappers.lifting import (
    Lifting,
    coarser,
    in_sight,
    log_number,
)
from repcat_plugins.mappers.ramp import ramp
from repcat_plugins.mappers.ray_embedding import ray_embedding
from repcat_plugins.mappers.rays import Rays
from repcat_plugins.mappers.view_pool import turned_over, unmirrored
from repcat_plugins.networks.image_pyramid import ImagePyramid
from repcat_plugins.networks.lifted_unet import LiftedUNet, VolumeNorm

WHO = "mapper 'lift'"
RAW = 9  # channels that are carried into the finest volume as they are, the number of views last
Widths = tuple[Annotated[int, Ge(1), Le(4096)], ...]
Features = tuple[Annotated[int, Ge(0), Le(4096)], ...]


class Lift(InputMapper):
    """Features of any number of X-rays, lifted along their rays into a 3D U-Net: (B, C, D, H, W).

    One network for any number of views at any angle, in any order. All views are read by one 2D
    encoder: grey value, ramp-filtered grey value (filtered back-projection is then a mean over
    views) and the six numbers of each pixel's ray. Its maps of half the size and less are lifted
    into volumes of that size (`Lifting`) and pooled over views. At full size the images themselves
    are lifted: the mean, largest and smallest grey value, the mean of the filtered ones, the means
    of grey values times `harmonics` of the azimuth, and the number of views. A 3D U-Net takes all
    of it and does little where voxels are many.

    After X2CT-GAN, which hands on features of every scale (Ying et al. 2019), DIF-Net (Lin et al.
    2023) and the lifting at several scales of C2RV (Lin et al. 2024). The volume is a cube whose
    sides are multiples of 2^(scales - 1); images may have any number of pixels.
    """

    any_views = True

    def __init__(
        self,
        task: Task,
        *,
        channels: Annotated[
            Widths,
            Len(2, 8),
            Doc("channels of the 3D network at each scale, finest first, each of half the side"),
        ] = (4, 24, 48, 64),
        features: Annotated[
            Features,
            Len(1, 7),
            Doc(
                "features lifted at each scale but the finest; 0: none there, all 0: no 2D network"
            ),
        ] = (8, 24, 32),
        image_channels: Annotated[
            Widths, Len(2, 8), Doc("channels of the 2D encoder at each scale, finest first")
        ] = (16, 32, 48, 64),
        rays: Annotated[
            bool, Doc("tell the 2D encoder each pixel's ray: direction and moment")
        ] = True,
        norm: Annotated[
            VolumeNorm,
            Doc(
                "normalisation of the 3D network; 'batch' is for one number of views: it averages "
                "over batches"
            ),
        ] = "group",
    ) -> None:
        super().__init__()
        size = _side(task, channels, features, image_channels)
        self.rays = Rays(coarser(task, size), WHO)
        needed = max((n for n, count in enumerate(features, start=2) if count), default=0)
        pyramid = ImagePyramid(8 if rays else 2, image_channels[:needed])
        self.encode = pyramid if needed else None
        self.embed = _Embedding(task) if rays and needed else None
        widths = zip(image_channels[1:], features, channels[1:], strict=True)
        self.liftings = nn.ModuleList(
            Lifting(coarser(task, size // 2**n), (a, b, c), WHO) if b else nn.Identity()
            for n, (a, b, c) in enumerate(widths, start=1)
        )
        self.volume = LiftedUNet(RAW, channels, size, norm)
        self.register_buffer("ramp", ramp(task.xray.size[1]), persistent=False)
        self.out = Grid(channels[0], task.volume.size)

    ramp: Tensor

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, channels[0], D, H, W)."""
        views, images_BNRC = unmirrored(batch.views), turned_over(batch)
        both_BN2RC = torch.stack((images_BNRC, images_BNRC @ self.ramp), dim=2)
        lifted = self._lifted(both_BN2RC, views)
        found: Tensor = self.volume(self._raw(both_BN2RC, views), lifted)
        return found

    def _lifted(self, both_BN2RC: Tensor, views: Sequence[View]) -> list[Tensor | None]:
        """Return the pooled features of each scale but the finest, None where there are none."""
        found: list[Tensor | None] = [None] * len(self.liftings)
        if self.encode is None:
            return found
        read = both_BN2RC
        if self.embed is not None:
            read = torch.cat((read, self.embed(read, views)), dim=2)
        maps = [m.unflatten(0, read.shape[:2]) for m in self.encode(read.flatten(0, 1))]
        for n, lifting in enumerate(self.liftings):
            if isinstance(lifting, Lifting):
                found[n] = lifting(maps[n + 1], views)
        return found

    def _raw(self, both_BN2RC: Tensor, views: Sequence[View]) -> Tensor:
        """Return (B, RAW, D, H, W): images along their rays, pooled over views that see a voxel."""
        grids = torch.stack([self.rays.grid(view) for view in views])
        mask = in_sight(grids).to(both_BN2RC).reshape(-1, 1, *self.rays.geometry.voxels)
        seen = self.rays(both_BN2RC, views) * mask
        grey, filtered = seen[:, :, :1], seen[:, :, 1:]
        count = mask.sum(dim=0).clamp(min=1)
        mean, flat = grey.sum(dim=1) / count, filtered.sum(dim=1) / count
        least = 1 - (mask - grey).amax(dim=1)
        number = torch.full_like(mean, log_number(views))
        told = (mean, grey.amax(dim=1), least, flat, waves(grey, views, 2), number)
        return torch.cat(told, dim=1)


class _Embedding(nn.Module):
    """The rays of each view's pixels; those of views that the task has not, each time anew."""

    known: Tensor

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.geometry = task.geometry
        self.numbers = {view: n for n, view in enumerate(unmirrored(task.views))}
        known = torch.stack([ray_embedding(task.geometry, view) for view in self.numbers])
        self.register_buffer("known", known, persistent=False)

    def forward(self, maps_BNCRC: Tensor, views: Sequence[View]) -> Tensor:
        """Return (B, N, 6, rows, columns)."""
        each = torch.stack([self._of(view) for view in views])
        return each.to(maps_BNCRC).expand(len(maps_BNCRC), -1, -1, -1, -1)

    def _of(self, view: View) -> Tensor:
        number = self.numbers.get(view)
        return (
            ray_embedding(self.geometry, view).to(self.known)
            if number is None
            else self.known[number]
        )


def _side(
    task: Task, channels: Sequence[int], features: Sequence[int], image_channels: Sequence[int]
) -> int:
    """Return the side of the volume, or raise PartError where the options do not fit it."""
    if not len(channels) == len(features) + 1 == len(image_channels):
        told = f"{len(channels)}, {len(features)} and {len(image_channels)}"
        msg = (
            f"{WHO} needs channels and image_channels of as many scales and features of one "
            f"fewer, not {told}"
        )
        raise PartError(msg, code="wrong-options")
    stride, sides = 2 ** len(features), set(task.volume.size)
    if len(sides) > 1 or any(n % stride for n in sides):
        size = " x ".join(map(str, task.volume.size))
        msg = (
            f"{WHO} takes cubes whose sides are multiples of {stride}, not {size}; change "
            "data.size, or use fewer scales in channels, features and image_channels"
        )
        raise PartError(msg, code="wrong-sides")
    return task.volume.size[0]
