"""Algebraic reconstruction: the volume whose projections are the X-rays, without learning."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import torch
from annotated_types import Ge, Gt, Le, Lt
from torch import Tensor, nn
from typing_extensions import Doc

from repcat import Batch, Grid, InputMapper, Task
from repcat_rivals.rays import RayWeights


class Sart(InputMapper):
    """Reconstruct by SART or SIRT from the views, (B, 1, D, H, W); nothing is learnt here.

    x <- x + relaxation * C A^T R (y - A x), with R and C the inverse sums of A's rows and columns:
    view by view as in SART (Andersen and Kak 1984), or all views at once as in SIRT (Gilbert
    1972). Here: Joseph's projector on the dataset's geometry and its exact transpose, from an
    empty volume. x is attenuation times the volume's longest edge, in the units of the X-rays: with
    data.xray = 'fixed' a known multiple of 1/mm; by default each image is divided by its own
    maximum, so views need not agree and x has no unit. Backbone 'calibration' turns it into HU.
    Of a few views only what they see can come back: expect streaks. Memory 17 MB a view at 64^3.
    """

    def __init__(
        self,
        task: Task,
        *,
        iterations: Annotated[
            int, Ge(1), Le(10_000), Doc("rounds through all views; fewer: smoother")
        ] = 10,
        relaxation: Annotated[
            float, Gt(0), Lt(2), Doc("share of a correction that is taken; above 1: overshoots")
        ] = 0.5,
        order: Annotated[
            Literal["sart", "sirt"], Doc("'sart': a view at a time; 'sirt': all views at once")
        ] = "sart",
        non_negative: Annotated[bool, Doc("set what falls below 0 to 0 after each step")] = True,
    ) -> None:
        super().__init__()
        task.check_scene("mapper 'sart'")
        self.iterations, self.relaxation, self.non_negative = iterations, relaxation, non_negative
        edge = max(task.geometry.volume_mm)
        self.rays = nn.ModuleList(RayWeights(task.geometry, view, edge) for view in task.views)
        numbers = list(range(len(task.views)))
        self.steps = [[n] for n in numbers] if order == "sart" else [numbers]
        self.out = Grid(1, task.volume.size)

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, 1, D, H, W), 0 for air; differentiable in the X-rays."""
        rays = [view for view in self.rays if isinstance(view, RayWeights)]
        xrays_BNRC = batch.xrays.to(rays[0].lengths.dtype)
        images = [image.flatten(1).t() for image in xrays_BNRC.unbind(dim=1)]
        volumes_VB = self.reconstruct(rays, images)
        return volumes_VB.t().reshape(-1, 1, *self.out.size)

    def reconstruct(self, rays: list[RayWeights], images_PB: list[Tensor]) -> Tensor:
        """Turn the views' images, each (pixels, B), into volumes (voxels, B)."""
        one = images_PB[0].new_ones(len(images_PB[0]), 1)
        columns = [view.back_project(one) for view in rays]
        rows = [view.lengths.sum(dim=1, keepdim=True) for view in rays]
        volumes = torch.zeros_like(columns[0]).expand(-1, images_PB[0].shape[1])
        for step in self.steps * self.iterations:
            missing = [_ratio(images_PB[n] - rays[n].project(volumes), rows[n]) for n in step]
            change = sum_of(rays[n].back_project(m) for n, m in zip(step, missing, strict=True))
            weight = sum_of(columns[n] for n in step)
            volumes = volumes + self.relaxation * _ratio(change, weight)
            if self.non_negative:
                volumes = volumes.clamp(min=0)
        return volumes


def sum_of(tensors: Iterable[Tensor]) -> Tensor:
    """Add tensors up, one at a time."""
    first, *others = tensors
    for other in others:
        first = first + other
    return first


def _ratio(x: Tensor, by: Tensor) -> Tensor:
    """Divide where there is something to divide by; else 0."""
    return torch.where(by > 1e-6, x / by.clamp(min=1e-6), 0.0)
