"""f of Eq. 2: a random 3D CNN, never trained, in whose activations volumes are compared."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

from repcat import Grid
from repcat_plugins.networks.init import kaiming
from repcat_plugins.networks.size_checks import check_room

Statistics = Literal["frozen", "batch", "instance"]


class FeatureExtractor(nn.Module):
    """Four convolutions 4^3 (stride 2, 2, 2, 1) with LeakyReLU .2; its weights never learn.

    `width` channels, doubling: at 16, a volume of 64^3 gives maps 16 @ 32^3, 32 @ 16^3, 64 @ 8^3
    and 128 @ 7^3 from 689,616 weights. Only the first convolution has a bias, the others a
    BatchNorm: `batch` normalises with the statistics of the volumes at hand, as the released code
    does by leaving f in training mode; `instance` with those of each volume alone; `frozen` with
    those f was born with (mean 0, variance 1). With the last two f is one fixed function of a
    volume.
    """

    def __init__(self, volume: Grid, *, width: int = 16, statistics: Statistics = "frozen") -> None:
        super().__init__()
        # The last map has n // 8 - 1 voxels a side; one voxel of one patient has no variance.
        check_room(volume, 24, "feature extractor", ", or objective.extractor to false")
        layers: list[nn.Module] = [
            nn.Conv3d(volume.channels, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2, inplace=True),
        ]
        for stride in (2, 2, 1):
            layers += [
                nn.Conv3d(width, 2 * width, 4, stride=stride, padding=1, bias=False),
                _norm(2 * width, statistics),
                nn.LeakyReLU(0.2, inplace=True),
            ]
            width *= 2
        self.main = nn.Sequential(*layers)
        kaiming(self)
        self.requires_grad_(False)
        self.train(False)

    def train(self, mode: bool = True) -> FeatureExtractor:
        """Stay as built: without running statistics BatchNorm uses the batch's in either mode."""
        super().train(False)
        return self

    def forward(self, volume: Tensor) -> list[Tensor]:
        """Turn (B, 1, D, H, W) into the maps after each LeakyReLU, finest first."""
        maps, x = [], volume
        for layer in self.main:
            x = layer(x)
            if isinstance(layer, nn.LeakyReLU):
                maps.append(x)
        return maps


def _norm(width: int, statistics: Statistics) -> nn.Module:
    if statistics == "instance":
        return nn.InstanceNorm3d(width)
    return nn.BatchNorm3d(width, track_running_stats=statistics == "frozen")
