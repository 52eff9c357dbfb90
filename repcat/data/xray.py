"""From Hounsfield units to attenuation, and from line integrals to what a model reads."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor

Scale = Literal["max", "fixed", "transmission"]
SCALES: tuple[str, ...] = get_args(Scale)


def attenuation(hu: Tensor, mu_water: float = 0.022, air_hu: float = -800.0) -> Tensor:
    """Turn Hounsfield units into linear attenuation, in 1/mm.

    mu = mu_water * (1 + HU / 1000), and 0 for HU <= air_hu. The defaults are plastimatch's
    (`drr -P preprocess`): .022 per mm, nothing below -800. One energy for all tissue: bone is
    approximate.
    """
    hu = hu.float()
    mu = mu_water * (1 + hu / 1000)
    return torch.where(hu > air_hu, mu, torch.zeros_like(mu)).clamp(min=0)


def to_unit(
    integrals: Tensor, scale: Scale = "max", full_scale: float = 8.0, bits: int = 0
) -> Tensor:
    """Bring line integrals (..., rows, columns) to [0, 1], bone bright.

    `max`: each image divided by its own largest value, as X2CT-GAN and the paper do. `fixed`:
    divided by `full_scale` and clipped, which keeps how thick the patient is. `transmission`:
    1 - exp(-integral), what a detector loses. `bits` > 0 rounds as a file of that depth does.
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
        unit = (unit * steps).round() / steps
    return unit
