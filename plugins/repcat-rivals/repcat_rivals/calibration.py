"""Two numbers from a classical reconstruction to the unit in which volumes are scored."""

from __future__ import annotations

from typing import Annotated

import torch
from annotated_types import Ge, Gt, Le
from torch import Tensor, nn
from typing_extensions import Doc

from repcat import Grid, need_same_size


def calibration(
    source: Grid,
    target: Grid,
    *,
    scale: Annotated[float, Gt(0), Le(1e9), Doc("first value of the factor")] = 0.4,
    offset: Annotated[float, Ge(-1e9), Le(1e9), Doc("first value of what is added")] = 0.0,
) -> nn.Module:
    """Learn a scale and an offset, and nothing else: volume = scale * mean of channels + offset.

    The only learning of a classical method here. It is needed because X-rays arrive in [0, 1], by
    default each divided by its own maximum: the attenuation that they add up to has lost its unit,
    while volumes are scored in the HU window. With data.xray = 'fixed' the two numbers could be
    worked out; they are learnt all the same, so that every family is treated alike. The first
    values are near the best straight line for SART on phantoms (.39 to .46, -.04 to -.00).
    """
    need_same_size(source, target, "calibration")
    return Calibration(scale, offset)


class Calibration(nn.Module):
    """A straight line, the same for all voxels and patients."""

    def __init__(self, scale: float, offset: float) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(scale))
        self.offset = nn.Parameter(torch.tensor(offset))

    def forward(self, x_BCDHW: Tensor) -> Tensor:
        """Turn (B, C, D, H, W) into (B, 1, D, H, W)."""
        return self.scale * x_BCDHW.mean(dim=1, keepdim=True) + self.offset
