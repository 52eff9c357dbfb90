"""Pose jitter: batches whose stated poses are off, as those of real films are."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional as F

from repcat.config.schema import AugmentTable
from repcat.geometry import Geometry
from repcat.rng import generator
from repcat.types import Batch
from repcat.view import MOST_TILT, View


class PoseJitter:
    """State each view a little wrong and shift its image, one draw a view and batch.

    X-rays stay those of the true pose: what is jittered is what the model is told, which costs
    nothing. A film of a patient who stands some mm beside the axis shows the same, shifted.
    """

    def __init__(self, table: AugmentTable, geometry: Geometry, seed: int) -> None:
        self.table, self.geometry, self.seed = table, geometry, seed
        self.is_on = bool(table.pose_p and (table.pose_degrees or table.pose_mm))

    def __call__(self, batch: Batch, k: int) -> Batch:
        """Return draw k with other poses, or as it is."""
        if not self.is_on:
            return batch
        chance, table = generator(self.seed, "pose", k), self.table
        jittered = float(torch.rand((), generator=chance)) < table.pose_p
        off = 2 * torch.rand(len(batch.views), 4, generator=chance, dtype=torch.float64) - 1
        if not jittered:
            return batch
        degrees, mm = table.pose_degrees * off[:, :2], table.pose_mm * off[:, 2:]
        if table.pose_degrees:
            pairs = zip(batch.views, degrees.tolist(), strict=True)
            batch = replace(batch, views=tuple(turned(view, *by) for view, by in pairs))
        if table.pose_mm:
            pitch = mm.new_tensor(self.geometry.pixel_mm) / self.geometry.magnification
            batch = replace(batch, xrays=shifted(batch.xrays, mm / pitch))
        return batch


def turned(view: View, azimuth: float, tilt: float) -> View:
    """Return a view that is off by so many degrees; what can be tilted no further is not."""
    steep = max(-MOST_TILT, min(MOST_TILT, view.tilt + tilt))
    return replace(view, azimuth=(view.azimuth + azimuth) % 360, tilt=steep)


def shifted(xrays_BNRC: Tensor, pixels_N2: Tensor) -> Tensor:
    """Shift each view's images by (rows, columns) pixels, bilinear; their edges go on."""
    by_view = xrays_BNRC.transpose(0, 1)
    sides = pixels_N2.new_tensor(by_view.shape[-2:])
    theta = torch.zeros(len(by_view), 2, 3, dtype=torch.float64)
    theta[:, 0, 0] = theta[:, 1, 1] = 1
    theta[:, :, 2] = -(2 * pixels_N2 / sides).flip(-1)
    grid = F.affine_grid(theta, list(by_view.shape), align_corners=False).to(by_view)
    moved = F.grid_sample(by_view, grid, padding_mode="border", align_corners=False)
    return moved.transpose(0, 1).contiguous()
