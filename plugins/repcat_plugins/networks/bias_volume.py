"""A learnt volume that is added to whatever a network gives: it starts as the mean patient."""

from __future__ import annotations

from typing import Annotated

import torch
from annotated_types import Ge, Le
from torch import Tensor, nn
from typing_extensions import Doc

from repcat import Grid
from repcat_plugins.networks.resampling import resized

PACE = 10.0  # how much faster it learns than the weights beside it

BiasSize = Annotated[
    int,
    Ge(0),
    Le(64),
    Doc("voxels a side of a learnt volume that is added: the mean patient; 0: none"),
]


class BiasVolume(nn.Module):
    """A volume of `size` voxels a side, 0 at first, enlarged to the target and added.

    What is kept is a PACE-th of it: an optimiser that moves each weight by the learning rate, as
    Adam does, moves the volume PACE times as fast, and so the mean patient is learnt within tens of
    steps and the network can go on to what sets patients apart.
    """

    def __init__(self, target: Grid, size: int) -> None:
        super().__init__()
        self.target = target.size
        sides = tuple(min(size, n) for n in target.size)
        self.tenth = nn.Parameter(torch.zeros(1, target.channels, *sides))

    def forward(self, x: Tensor) -> Tensor:
        """Return x + the volume, (B, C, D, H, W)."""
        return x + PACE * resized(self.tenth, self.target)


class Gate(nn.Module):
    """Multiply by a weight that is 0 at first (ReZero, Bachlechner et al. 2021)."""

    def __init__(self) -> None:
        super().__init__()
        self.tenth = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        """Return x times the weight."""
        return PACE * self.tenth * x


def on_bias(network: nn.Module, target: Grid, size: int) -> nn.Module:
    """Return a network that starts at 0 and is added to a bias volume; as it is where size is 0."""
    return nn.Sequential(network, Gate(), BiasVolume(target, size)) if size else network
