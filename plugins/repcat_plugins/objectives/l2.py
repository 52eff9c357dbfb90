"""The plainest rule: the mean squared error."""

from __future__ import annotations

from collections.abc import Iterator

from torch.nn import functional as F

from repcat import Batch, Model, Objective, Task, Turn


class L2(Objective):
    """Lower the mean squared error of the volume, in units of [0, 1] squared."""

    def __init__(self, task: Task) -> None:
        super().__init__()

    def turns(self, model: Model, batches: Iterator[Batch]) -> Iterator[Turn]:
        """One turn of the model on one batch."""
        batch = next(batches)
        loss = F.mse_loss(model(batch).volume.float(), batch.volume)
        yield Turn("model", loss, {"mse": float(loss.detach())})
