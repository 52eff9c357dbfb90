"""The mean absolute error."""

from __future__ import annotations

from collections.abc import Iterator

from torch.nn import functional as F

from repcat import Batch, Model, Objective, Task, Turn
from repcat_plugins.objectives.voxelwise import InnerSteps, ReprojectionWeight, VoxelwiseLoss


class L1(Objective):
    """Lower the mean absolute error of the volume, in units of [0, 1]."""

    def __init__(
        self,
        task: Task,
        *,
        inner_steps: InnerSteps = 1,
        reprojection_weight: ReprojectionWeight = 0.0,
    ) -> None:
        super().__init__()
        self.inner_steps = inner_steps
        self.loss = VoxelwiseLoss("mae", F.l1_loss, task, reprojection_weight)

    def turns(self, model: Model, batches: Iterator[Batch]) -> Iterator[Turn]:
        """`inner_steps` turns of the model, each on a new batch."""
        return self.loss.turns(model, batches, self.inner_steps)
