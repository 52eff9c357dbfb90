"""X-ray intensity: from line integrals to the [0, 1] that a model reads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal, get_args

import torch
from torch import Tensor

from repcat.config.schema import DataTable
from repcat.types import Window

Scale = Literal["max", "fixed", "transmission"]
SCALES: tuple[str, ...] = get_args(Scale)


def to_unit(
    integrals: Tensor, scale: Scale = "max", full_scale: float = 8.0, bits: int = 0
) -> Tensor:
    """Bring line integrals (..., rows, columns) to [0, 1], bone bright.

    `max`: each image divided by its own largest value, as X2CT-GAN and the paper do. `fixed`:
    divided by `full_scale` and clipped, which keeps how thick the patient is. `transmission`:
    1 - exp(-integral), what a detector loses. `bits` > 0 rounds as a file of that depth does;
    gradients pass as if it did not.
    """
    integrals = integrals.float()
    if scale == "max":
        unit = integrals / integrals.amax(dim=(-2, -1), keepdim=True).clamp(min=1e-6)
    elif scale == "fixed":
        unit = (integrals / full_scale).clamp(0, 1)
    else:
        unit = 1 - torch.exp(-integrals)
    if bits:
        steps = 2**bits - 1
        unit = ((unit * steps).round() / steps).detach() + (unit - unit.detach())
    return unit


def to_unit_of(data: DataTable) -> Callable[[Tensor], Tensor]:
    """Return `to_unit` with the settings of a recipe's [data]."""
    return partial(to_unit, scale=data.xray, full_scale=data.xray_full, bits=data.xray_bits)


def between_extremes(prediction_hu: Tensor, truth_hu: Tensor, window: Window) -> Tensor:
    """Put a prediction's [0, 1], stored as HU of the window, between the truth's extremes.

    What the released code does when it scores: the truth lends its range.
    """
    low, high = truth_hu.float().min(), truth_hu.float().max()
    return window.to_unit(prediction_hu) * (high - low) + low
