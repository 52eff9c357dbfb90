"""Reconstruction: the network as a plain module of X-rays, which every export holds."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from repcat.config.recipe import Recipe
from repcat.inference.exported import read_exported
from repcat.models.network import Network
from repcat.types import Batch


class Reconstruction(nn.Module):
    """X-rays (B, N, rows, columns) in [0, 1] to a volume in HU, clipped to the recipe's window.

    The volume is (B, D, H, W), or (B, 1, D, H, W) where `channel` is set, as MONAI counts axes.
    It is what `repcat predict` writes, computed in float32 whatever the training's precision.
    """

    def __init__(self, network: Network, recipe: Recipe, *, channel: bool = False) -> None:
        super().__init__()
        self.network, self.channel = network, channel
        self.views, self.window = recipe.views, recipe.window
        self.side = recipe.data.size

    def forward(self, xrays: Tensor) -> Tensor:
        """Reconstruct a batch."""
        hu = self.window.to_hu(self.network(self.batch(xrays)).volume.clamp(0, 1))
        return hu if self.channel else hu[:, 0]

    def batch(self, xrays: Tensor) -> Batch:
        """Make a batch of patients without names and without a truth."""
        nothing = xrays.new_full((), torch.nan).expand(xrays.shape[0], 1, *(self.side,) * 3)
        return Batch((), xrays, self.views, nothing)


def read_reconstruction(folder: str) -> Reconstruction:
    """Read an exported folder as a module with a channel axis, (B, 1, D, H, W): MONAI's way."""
    model = read_exported(Path(folder))
    return Reconstruction(model.network, model.recipe, channel=True).eval()
