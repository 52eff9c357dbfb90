"""Detector of a film: scatter, blur, quantum and electronic noise, on intensities."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from repcat.data.film.smooth import smooth

# Photons to a mm2 and uGy of air kerma in the beam by which detectors are tested (RQA5,
# IEC 62220-1-1).
PHOTONS = 30_174.0
BODY = 0.5  # line integral above which a ray has gone through the body


def add_scatter(light: Tensor, ratio: float, rows: float, columns: float) -> Tensor:
    """Add scattered light to the light (rows, columns) of an open beam of 1.

    Where it comes from: p exp(-p), the light that was once scattered forward on a ray of line
    integral p (Ohnesorge et al. 1999), spread by a Gaussian of sigmas in pixels. How much:
    `ratio` of the primary light, summed over the rays through the body.
    """
    integrals = -light.clamp(1e-9, 1).log()  # rounding may leave a little more than the open beam
    spread = smooth(light * integrals, rows, columns)
    body = integrals > BODY
    scattered = spread[body].sum()
    if scattered <= 0:
        return light
    return light + spread * (ratio * light[body].sum() / scattered)


@dataclass(frozen=True, slots=True)
class Exposed:
    """A detector's pixel in an exposure.

    `dose` is the open beam's in uGy, `mm2` the area of a pixel, over which the finer pixels of a
    real detector are averaged. `electronic` is the uGy whose Poisson noise that of the electronics
    is, the same everywhere; `quantum` whether the light's own Poisson noise is there.
    """

    dose: float
    mm2: float
    electronic: float = 0.0
    quantum: bool = True

    def counted(self, light: Tensor, chance: Generator) -> Tensor:
        """Return the light (rows, columns) as it is counted, in units of the open beam."""
        beam = PHOTONS * self.mm2 * self.dose
        counts = light.double() * beam
        if self.quantum:
            counts = torch.poisson(counts, generator=chance)
        if self.electronic:
            noise = torch.randn(light.shape, generator=chance, dtype=torch.float64)
            counts = counts + noise * math.sqrt(PHOTONS * self.mm2 * self.electronic)
        return (counts / beam).float()
