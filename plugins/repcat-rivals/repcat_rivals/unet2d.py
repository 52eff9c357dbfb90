"""A small 2D U-Net: images to maps of features as large as the images."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class ImageNet2D(nn.Module):
    """Images (B, 1, rows, columns) to maps (B, out, rows, columns), on three levels, of any size.

    Convolutions of 3 x 3, group normalisation and GELU; `width` channels on the finest level,
    twice as many on each next one. 118,424 weights at width 16 and 8 maps.
    """

    def __init__(self, width: int, out: int) -> None:
        super().__init__()
        self.fine = _block(1, width)
        self.middle = _block(width, 2 * width, stride=2)
        self.coarse = _block(2 * width, 4 * width, stride=2)
        self.back_middle = _block(6 * width, 2 * width)
        self.back_fine = _block(3 * width, width)
        self.head = nn.Conv2d(width, out, 1)

    def forward(self, images_B1RC: Tensor) -> Tensor:
        """Return (B, out, rows, columns)."""
        fine = self.fine(images_B1RC)
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        middle = self.back_middle(_beside(middle, coarse))
        maps: Tensor = self.head(self.back_fine(_beside(fine, middle)))
        return maps


def each_view(networks: nn.ModuleList, images_BNRC: Tensor) -> Tensor:
    """Return (B, N, out, rows, columns), by one network for all views or by one for each."""
    if len(networks) == 1:
        maps: Tensor = networks[0](images_BNRC.flatten(0, 1).unsqueeze(1))
        return maps.reshape(*images_BNRC.shape[:2], *maps.shape[1:])
    pairs = zip(networks, images_BNRC.split(1, dim=1), strict=True)
    return torch.stack([network(image) for network, image in pairs], dim=1)


def _beside(fine: Tensor, coarse: Tensor) -> Tensor:
    grown = F.interpolate(coarse, size=fine.shape[2:], mode="bilinear", align_corners=False)
    return torch.cat((fine, grown), dim=1)


def _block(source: int, target: int, stride: int = 1) -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels, step in ((source, stride), (target, 1)):
        layers += [
            nn.Conv2d(channels, target, 3, stride=step, padding=1, bias=False),
            nn.GroupNorm(math.gcd(8, target), target),
            nn.GELU(),
        ]
    return nn.Sequential(*layers)
