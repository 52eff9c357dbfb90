"""Smooth L1 of volumes at several scales, the body before the air, and of X-rays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import torch
from annotated_types import Ge, Gt, Le, Len
from torch import Tensor
from torch.nn import functional as F
from typing_extensions import Doc

from repcat import Batch, Model, Objective, Task, Turn, View
from repcat_plugins.objectives.voxelwise import (
    InnerSteps,
    ReprojectionWeight,
    cast,
    try_projection,
)


class SmoothL1(Objective):
    """Lower a smooth L1 error (Girshick 2015): of voxels, of averages over cubes, of X-rays.

    Averages over 2^3, 4^3, ... voxels of output and truth are compared, each by a weight: low
    frequencies are learnt first, from any backbone. (Branches with heads of their own at coarse
    scales would do it only for backbones that have them, and cost a head each.) The X-rays that the
    volume casts are compared with the input, and with those of the truth from directions that are
    drawn anew in each step.
    """

    taken: Tensor

    def __init__(  # noqa: PLR0913  (each one an option of the recipe)
        self,
        task: Task,
        *,
        beta: Annotated[
            float, Gt(0), Le(1), Doc("error in [0, 1] up to which it is a square, over 2 beta")
        ] = 0.05,
        body_weight: Annotated[
            float, Ge(0), Le(1e6), Doc("weight of voxels of the body beside 1 of those of the air")
        ] = 3.0,
        body_hu: Annotated[
            float, Ge(-1024), Le(3071), Doc("HU above which a voxel of the truth is of the body")
        ] = -900.0,
        scales: Annotated[
            tuple[Annotated[float, Ge(0), Le(1e6)], ...],
            Len(0, 6),
            Doc("weights of the error of averages over cubes of 2, 4, 8, ... voxels a side"),
        ] = (0.4, 0.2, 0.1),
        reprojection_weight: ReprojectionWeight = 0.0,
        other_views: Annotated[
            int, Ge(0), Le(64), Doc("X-rays from drawn directions that are compared too")
        ] = 1,
        reprojection_after: Annotated[
            int, Ge(0), Le(10**9), Doc("steps before X-rays are first compared")
        ] = 0,
        inner_steps: InnerSteps = 1,
    ) -> None:
        super().__init__()
        self.task, self.beta, self.scales = task, beta, scales
        self.body_weight, self.body = body_weight, _unit(task, body_hu)
        self.reprojection, self.others = reprojection_weight, other_views
        self.after, self.inner_steps = reprojection_after, inner_steps
        self.register_buffer("taken", torch.zeros((), dtype=torch.int64, device="cpu"))
        if reprojection_weight:
            try_projection(task)

    def turns(self, model: Model, batches: Iterator[Batch]) -> Iterator[Turn]:
        """`inner_steps` turns of the model, each on a new batch."""
        for _ in range(self.inner_steps):
            batch = next(batches)
            volume = model(batch).volume.float()
            error = self.error(volume, batch.volume)
            loss, logs = error, {"smooth_l1": error.detach()}
            if self.reprojection and int(self.taken) >= self.after:
                cost = self.of_xrays(volume, batch)
                loss, logs["reprojection"] = loss + self.reprojection * cost, cost.detach()
            yield Turn("model", loss, logs)
        self.taken += 1

    def error(self, volume: Tensor, truth: Tensor) -> Tensor:
        """Return the error of voxels and, by their weights, of averages over cubes."""
        weight = torch.where(truth > self.body, self.body_weight, 1.0)
        found = self._weighed(volume, truth, weight)
        for share in self.scales:
            if min(volume.shape[2:]) < 2:
                break
            volume, truth, weight = (F.avg_pool3d(t, 2) for t in (volume, truth, weight))
            found = found + share * self._weighed(volume, truth, weight)
        return found

    def of_xrays(self, volume: Tensor, batch: Batch) -> Tensor:
        """Return the error of the X-rays that a volume casts."""
        others = drawn_views(self.others)
        seen = cast(self.task, volume, (*batch.views, *others))
        wanted = batch.xrays
        if others:
            wanted = torch.cat((wanted, cast(self.task, batch.volume, others)), dim=1)
        return F.smooth_l1_loss(seen, wanted, beta=self.beta)

    def _weighed(self, volume: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
        each = F.smooth_l1_loss(volume, truth, beta=self.beta, reduction="none")
        return (weight * each).sum() / weight.sum().clamp(min=1e-6)


def drawn_views(count: int) -> tuple[View, ...]:
    """Draw azimuths over the whole circle from torch's generator, which each step seeds."""
    return tuple(View(360 * float(share)) for share in torch.rand(count, device="cpu"))


def _unit(task: Task, hu: float) -> float:
    return (hu - task.window.low) / (task.window.high - task.window.low)
