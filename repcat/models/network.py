"""A network: an input mapper and a backbone, joined on the grid where they meet."""

from __future__ import annotations

from torch import Tensor, nn

from repcat.contracts import InputMapper
from repcat.errors import PartError
from repcat.types import Batch, Prediction

# The branches of `train.quantiles`, in the order of the backbone's channels after the volume.
BOUNDS = ("lower", "upper")


class Network(nn.Module):
    """A mapper and a backbone: X-rays (B, N, rows, columns) to volumes (B, 1, D, H, W).

    A `bounded` one was given a target of three channels: the volume, then the quantiles of
    `train.quantiles`, which become the branches `lower` and `upper`. So every backbone that keeps
    to its target has them, its weights keep their names, and one more channel costs one more row of
    its last layer.
    """

    def __init__(self, mapper: InputMapper, backbone: nn.Module, *, bounded: bool = False) -> None:
        super().__init__()
        self.mapper, self.backbone, self.bounded = mapper, backbone, bounded

    @property
    def branches(self) -> frozenset[str]:
        """The names of what a prediction has beside its volume."""
        own = frozenset(getattr(self.backbone, "branches", ()))
        return own | frozenset(BOUNDS if self.bounded else ())

    def forward(self, batch: Batch) -> Prediction:
        """Predict the volumes of a batch, with the backbone's branches where it has any."""
        out: Tensor | Prediction = self.backbone(self.mapper(batch))
        found = out if isinstance(out, Prediction) else Prediction(out)
        return _apart(found) if self.bounded else found


def _apart(found: Prediction) -> Prediction:
    """Take the channels of a volume (B, 3, D, H, W) apart.

    Raises:
        PartError: where the backbone gives another number of channels than it was asked for.
    """
    channels, asked = found.volume.shape[1], 1 + len(BOUNDS)
    if channels != asked:
        msg = (
            f"train.quantiles needs a backbone that gives {asked} channels, volume and two "
            f"quantiles, and this one gives {channels}, whatever its target has; leave "
            "train.quantiles out, or choose another backbone, such as 'unet'"
        )
        raise PartError(msg, code="no-quantiles")
    volume, *bounds = found.volume.split(1, dim=1)
    return Prediction(volume, {**found.branches, **dict(zip(BOUNDS, bounds, strict=True))})
