"""The mean absolute error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from annotated_types import Ge
from torch.nn import functional as F
from typing_extensions import Doc

from repcat import Batch, Model, Objective, Task, Turn


class L1(Objective):
    """Lower the mean absolute error of the volume, in units of [0, 1]."""

    def __init__(
        self,
        task: Task,
        *,
        inner_steps: Annotated[
            int,
            Ge(1),
            Doc("turns of the model in a step, for as many updates as 'sinkhorn_ot' has in one"),
        ] = 1,
    ) -> None:
        super().__init__()
        self.inner_steps = inner_steps

    def turns(self, model: Model, batches: Iterator[Batch]) -> Iterator[Turn]:
        """`inner_steps` turns of the model, each on a new batch."""
        for _ in range(self.inner_steps):
            batch = next(batches)
            loss = F.l1_loss(model(batch).volume.float(), batch.volume)
            yield Turn("model", loss, {"mae": float(loss.detach())})
