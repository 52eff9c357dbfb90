"""Voxelwise losses, and the same error between X-rays: what 'l1' and 'l2' share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

import torch
from annotated_types import Ge, Le
from torch import Tensor
from typing_extensions import Doc

from repcat import Batch, Model, Task, Turn, View

InnerSteps = Annotated[
    int,
    Ge(1),
    Le(10_000),
    Doc("turns of the model in a step, for as many updates as 'sinkhorn_ot' has in one"),
]
ReprojectionWeight = Annotated[
    float,
    Ge(0),
    Le(1e9),
    Doc("weight of the same error between the volume's own X-rays (data.projector) and the input"),
]


@dataclass(frozen=True, slots=True)
class VoxelwiseLoss:
    """A mean error of the volume, in [0, 1], and `weight` times that of the X-rays it casts.

    Projecting is tried on 8 voxels a side when it is built, so that what cannot be done stops no
    run half-way. With weight 0 nothing is projected.
    """

    name: str
    error: Callable[[Tensor, Tensor], Tensor]
    task: Task
    weight: float

    def __post_init__(self) -> None:
        if self.weight:
            try_projection(self.task)

    def turns(self, model: Model, batches: Iterator[Batch], count: int) -> Iterator[Turn]:
        """Yield `count` turns of the model, each on a new batch."""
        for _ in range(count):
            batch = next(batches)
            volume = model(batch).volume.float()
            loss = self.error(volume, batch.volume)
            logs = {self.name: loss.detach()}
            if self.weight:
                error = self.error(cast(self.task, volume, batch.views), batch.xrays)
                loss = loss + self.weight * error
                logs["reprojection"] = error.detach()
            yield Turn("model", loss, logs)


def cast(task: Task, volume: Tensor, views: tuple[View, ...]) -> Tensor:
    """Return the X-rays (B, N, rows, columns) of a volume, both in [0, 1], as models read them."""
    return task.to_xray(task.project(task.to_mu(volume), views))


def try_projection(task: Task) -> None:
    """Project 8 voxels a side, or raise PartError where it cannot be done."""
    with torch.device("cpu"):  # also where the rest is built on none, to see its shapes
        empty = torch.zeros(1, 8, 8, 8, requires_grad=True)
        task.to_xray(task.project(task.to_mu(empty), geometry=task.geometry.resized(8)))
