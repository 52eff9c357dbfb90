"""An objective for repcat: my_part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from annotated_types import Gt
from torch.nn import functional as F
from typing_extensions import Doc

import repcat


class MyPart(repcat.Objective):
    """Lower the Huber loss of the volume: squared near the truth, absolute far from it."""

    def __init__(
        self,
        task: repcat.Task,
        *,
        delta: Annotated[float, Gt(0), Doc("error at which it turns, in units of [0, 1]")] = 0.1,
    ) -> None:
        super().__init__()
        self.delta = delta

    def turns(self, model: repcat.Model, batches: Iterator[repcat.Batch]) -> Iterator[repcat.Turn]:
        """One turn of the model on one batch."""
        batch = next(batches)
        loss = F.huber_loss(model(batch).volume.float(), batch.volume, delta=self.delta)
        yield repcat.Turn("model", loss, {"huber": loss.detach()})


@repcat.hookimpl
def repcat_register(parts: repcat.Parts) -> None:
    """Add the objective under the name that a recipe knows it by."""
    parts.objectives.add("my_part", MyPart)
