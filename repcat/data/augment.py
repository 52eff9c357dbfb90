"""Augmentation of a training batch's X-rays: contrast, rotation, mirroring."""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from repcat.config.schema import AugmentTable
from repcat.errors import RecipeError
from repcat.view import View

Pair = tuple[Tensor, Tensor]


class Augment:
    """Augment patients as [augment] says; one draw a patient, shared by all its views."""

    def __init__(self, table: AugmentTable, views: tuple[View, ...]) -> None:
        self.table = table
        self.mirrored = mirror(views) if table.flip_p and table.paired else None

    def __call__(self, xrays_NHW: Tensor, volume_DHW: Tensor, chance: Generator) -> Pair:
        """Return X-rays and volume of one patient; the same draws for the same generator."""
        u, turn, angle, flip = torch.rand(4, generator=chance).tolist()
        if self.table.contrast:
            xrays_NHW = contrast(xrays_NHW, 1 + self.table.contrast * (2 * u - 1))
        if turn < self.table.rotation_p and self.table.rotation:
            xrays_NHW = rotate(xrays_NHW, self.table.rotation * (2 * angle - 1))
        if flip < self.table.flip_p:
            return self._flip(xrays_NHW, volume_DHW)
        return xrays_NHW, volume_DHW

    def _flip(self, xrays_NHW: Tensor, volume_DHW: Tensor) -> Pair:
        if self.mirrored is None:
            return xrays_NHW.flip(-1), volume_DHW
        images = [xrays_NHW[n].flip(-1) if turned else xrays_NHW[n] for n, turned in self.mirrored]
        return torch.stack(images), volume_DHW.flip(-1)


def contrast(xrays_NHW: Tensor, factor: float) -> Tensor:
    """Stretch grey values about their mean over all views; nothing is clipped.

    (x - m) factor + m: the released code's rand_contrast, with factor in [.5, 1.5].
    """
    mean = xrays_NHW.mean()
    return (xrays_NHW - mean) * factor + mean


def rotate(xrays_NHW: Tensor, degrees: float) -> Tensor:
    """Turn images in their own plane, bilinear, zeros outside."""
    a = math.radians(degrees)
    matrix = xrays_NHW.new_tensor([[math.cos(a), -math.sin(a), 0], [math.sin(a), math.cos(a), 0]])
    n = len(xrays_NHW)
    size = [n, 1, *xrays_NHW.shape[1:]]
    grid = F.affine_grid(matrix.expand(n, 2, 3), size, align_corners=False)
    return F.grid_sample(xrays_NHW[:, None], grid, align_corners=False)[:, 0]


def mirror(views: tuple[View, ...]) -> list[tuple[int, bool]]:
    """Say which view, and whether flipped, shows the mirrored patient in each view.

    The mirrored patient seen at azimuth a is the mirror image of the patient seen at -a. A lateral
    view without its opposite stands for itself unflipped, which is exact for parallel rays.
    """
    found = []
    for n, view in enumerate(views):
        opposite = -view.azimuth % 360
        match = [
            m
            for m, other in enumerate(views)
            if abs(other.azimuth - opposite) < 1e-6 and other.tilt == view.tilt
        ]
        if match:
            found.append((match[0], views[match[0]].mirrored == view.mirrored))
        elif view.azimuth % 180 == 90 and not view.tilt:
            found.append((n, False))
        else:
            msg = (
                f"augment.flip_p with paired = true needs the view at {opposite:g} degrees beside "
                f"the one at {view.azimuth:g}: the mirrored patient is seen from there; add it, or "
                "set augment.flip_p = 0"
            )
            raise RecipeError(msg, code="no-opposite-view")
    return found
