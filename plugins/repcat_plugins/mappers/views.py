"""The X-rays as they are, for a backbone that starts from images."""

from __future__ import annotations

from torch import Tensor

from repcat import Batch, Grid, InputMapper, Task


class Views(InputMapper):
    """Hand the X-rays on unchanged: N channels of rows x columns."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.out = Grid(len(task.views), task.xray.size)

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, N, rows, columns) in [0, 1]."""
        return batch.xrays
