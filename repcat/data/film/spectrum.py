"""Beam hardening: what a tube's many energies make of one patient, by two materials."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

# Mass attenuation in cm2/g of NIST's tables (Hubbell and Seltzer, NISTIR 5632).
KEV = (20.0, 30.0, 40.0, 50.0, 60.0, 80.0, 100.0, 150.0)
WATER = (0.8096, 0.3756, 0.2683, 0.2269, 0.2059, 0.1837, 0.1707, 0.1505)
BONE = (4.001, 1.331, 0.6655, 0.4242, 0.3148, 0.2229, 0.1855, 0.1480)  # cortical, ICRU-44
ALUMINIUM = (3.441, 1.128, 0.5685, 0.3681, 0.2778, 0.2018, 0.1704, 0.1378)
FILTER_G_CM2 = 0.25 * 2.699  # 2.5 mm of aluminium, the least of a diagnostic tube
NOMINAL_KEV = 60.0  # at which line integrals are as they come
STEP_KEV = 5.0
SOFTEST_KV = 40.0


@lru_cache(64)
def spectrum(kv: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return a tube's share of each energy, and how water and bone absorb there: (E,) each.

    Shares are of the energy that a detector takes up: Kramers' (kV - E) behind 2.5 mm of aluminium.
    Absorption is in units of that at 60 keV. No characteristic lines.
    """
    energies = np.arange(KEV[0], max(kv, SOFTEST_KV), STEP_KEV)
    shares = (kv - energies).clip(min=0) * np.exp(-FILTER_G_CM2 * _at(energies, ALUMINIUM))
    tables = [_at(energies, one) / _at(NOMINAL_KEV, one) for one in (WATER, BONE)]
    share, water, bone = (torch.from_numpy(one).float() for one in (shares / shares.sum(), *tables))
    return share, water, bone


def harden(integrals: Tensor, bone: Tensor, kv: int) -> Tensor:
    """Return the line integrals (rows, columns) that a tube of so many kV would show.

    -log of the mean of exp(-water - bone) over its spectrum, `bone` being the part of the
    integrals that lies in bone. Thick patients and bone absorb less than one energy has it.
    """
    share, in_water, in_bone = spectrum(kv)
    soft = (integrals - bone).clamp(min=0)
    paths = soft * in_water[:, None, None] + bone * in_bone[:, None, None]
    return -torch.logsumexp(share.log()[:, None, None] - paths, dim=0)


def _at(energies: np.ndarray | float, table: tuple[float, ...]) -> np.ndarray:
    """Interpolate a table between its energies, straight on logarithmic scales."""
    return np.asarray(np.exp(np.interp(np.log(energies), np.log(KEV), np.log(table))))
