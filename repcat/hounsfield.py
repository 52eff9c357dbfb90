"""Hounsfield units to linear attenuation."""

from __future__ import annotations

import torch
from torch import Tensor


def attenuation(hu: Tensor, mu_water: float = 0.022, air_hu: float = -800.0) -> Tensor:
    """Turn Hounsfield units into linear attenuation, in 1/mm.

    mu = mu_water * (1 + HU / 1000), and 0 for HU <= air_hu. The defaults are plastimatch's
    (`drr -P preprocess`): .022 per mm, nothing below -800. One energy for all tissue: bone is
    approximate.
    """
    hu = hu.float()
    mu = mu_water * (1 + hu / 1000)
    return torch.where(hu > air_hu, mu, torch.zeros_like(mu)).clamp(min=0)
