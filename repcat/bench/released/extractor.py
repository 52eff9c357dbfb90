"""The released f: a random 3D CNN that never learns, though its gradients are computed."""

from __future__ import annotations

from torch import Tensor, nn

WIDTH = 16


class PlainExtractor(nn.Module):
    """Give four maps of volumes (B, 1, S, S, S): 16 @ 32^3, 32 @ 16^3, 64 @ 8^3, 128 @ 7^3 at 64^3.

    Left in training mode, so BatchNorm takes the statistics of what it sees, and its weights ask
    for gradients, which are summed up for ever and never used.
    """

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        layers: list[nn.Module] = [
            nn.Conv3d(1, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2, inplace=True),
        ]
        for stride in (2, 2, 1):
            layers += [
                nn.Conv3d(width, 2 * width, 4, stride=stride, padding=1, bias=False),
                nn.BatchNorm3d(2 * width),
                nn.LeakyReLU(0.2, inplace=True),
            ]
            width *= 2
        self.main = nn.Sequential(*layers)

    def forward(self, volume: Tensor) -> list[Tensor]:
        """Return the maps after each LeakyReLU, finest first."""
        maps, x = [], volume
        for layer in self.main:
            x = layer(x)
            if isinstance(layer, nn.LeakyReLU):
                maps.append(x)
        return maps
