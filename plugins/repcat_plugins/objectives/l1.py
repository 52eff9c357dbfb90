"""The mean absolute error."""

from __future__ import annotations

from collections.abc import Iterator

from torch.nn import functional as F

from repcat import Batch, Model, Objective, Task, Turn


class L1(Objective):
    """Lower the mean absolute error of the volume, in units of [0, 1]."""

    def __init__(self, task: Task) -> None:
        super().__init__()

    def turns(self, model: Model, batches: Iterator[Batch]) -> Iterator[Turn]:
        """One turn of the model on one batch."""
        batch = next(batches)
        loss = F.l1_loss(model(batch).volume.float(), batch.volume)
        yield Turn("model", loss, {"mae": float(loss.detach())})
