"""A network: an input mapper and a backbone, joined on the grid where they meet."""

from __future__ import annotations

from torch import Tensor, nn

from repcat.contracts import InputMapper
from repcat.types import Batch, Prediction


class Network(nn.Module):
    """A mapper and a backbone: X-rays (B, N, rows, columns) to volumes (B, 1, D, H, W)."""

    def __init__(self, mapper: InputMapper, backbone: nn.Module) -> None:
        super().__init__()
        self.mapper, self.backbone = mapper, backbone

    def forward(self, batch: Batch) -> Prediction:
        """Predict the volumes of a batch, with the backbone's branches where it has any."""
        out: Tensor | Prediction = self.backbone(self.mapper(batch))
        return out if isinstance(out, Prediction) else Prediction(out)
