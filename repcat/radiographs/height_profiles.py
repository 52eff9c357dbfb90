"""Height profiles: whether films of one patient show the same heights.

The line integrals of a row add up to the mass of the slice that its rays go through, whichever way
round the patient is looked at. So two films about one axis have one profile along it, up to a
factor: exactly with parallel rays; with a cone beam, what lies 150 mm nearer to the source than the
axis is 1.1 times as high on a chest film (source 1600 mm from the axis) and 1.4 times with 541 mm,
which blurs the profile away from the middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from repcat.geometry import Geometry
from repcat.radiographs.radiograph import Film
from repcat.view import View

MOST_MM = 80.0  # either way that is searched
MOST_SCALE = 0.1
STEPS = 4  # to a row, and scales to a hundredth
LEAST = 0.6  # of the rows that must overlap

# Films of one patient go past these in 0 to 5 % of cases (docs/own-xrays.md has the rates).
SHIFTED_MM = 20.0  # where the profiles fit better than FITTING
FITTING = 0.8
# Correlation below which they are not one patient's: of films, whose greys have been worked on; of
# line integrals as a chest film shows them, and of those that a near source enlarges.
FILMS, FAR_SOURCE, NEAR_SOURCE = 0.6, 0.97, 0.9
FAR = 1.2  # magnification up to which a source is far
ACCEPTED = "heights"


@dataclass(frozen=True, slots=True)
class HeightMatch:
    """How the second of two films fits the first in height.

    What the first shows z mm below its middle the second shows at scale * z + shift_mm, both at the
    patient's axis. `correlation` is Pearson's of the two profiles when so placed.
    """

    shift_mm: float
    scale: float
    correlation: float


def height_profile(image: Tensor) -> Tensor:
    """Return the mean grey of each row (rows,) of an image that grows with line integrals."""
    return image.double().mean(dim=1)


def match_heights(first: Tensor, second: Tensor, geometry: Geometry) -> HeightMatch:
    """Find shift and scale by which two images (rows, columns) of one scene fit in height.

    Every shift to 80 mm, in quarters of a row, and every scale from .9 to 1.1 is tried; the best
    correlation over what overlaps is returned.
    """
    mm = geometry.pixel_mm[0] / geometry.magnification
    one, other = height_profile(first), height_profile(second)
    n = len(one)
    reach = int(MOST_MM / mm * STEPS)
    shifts = torch.arange(-reach, reach + 1, dtype=torch.float64) / STEPS
    count = round(MOST_SCALE * 100)
    scales = 1 + torch.arange(-count, count + 1, dtype=torch.float64) / 100
    middle = (n - 1) / 2
    rows = torch.arange(n, dtype=torch.float64) - middle
    at = scales[:, None, None] * rows + shifts[:, None] + middle
    found = _sampled(other, at)
    inside = ((at >= 0) & (at <= n - 1)).double()
    fit = _correlation(one, found, inside)
    fit = torch.where(inside.sum(-1) >= LEAST * n, fit, -1.0)
    best = int(fit.argmax())
    scale, shift = scales[best // len(shifts)], shifts[best % len(shifts)]
    return HeightMatch(float(shift) * mm, float(scale), float(fit.flatten()[best]))


def _sampled(profile: Tensor, at: Tensor) -> Tensor:
    """Interpolate a profile (rows,) at places (...), straight between rows."""
    n = len(profile)
    left = at.floor().long().clamp(0, n - 2)
    part = (at - left).clamp(0, 1)
    return profile[left] * (1 - part) + profile[left + 1] * part


def _correlation(one: Tensor, others: Tensor, weights: Tensor) -> Tensor:
    """Return Pearson's correlation (...) of a profile (rows,) with others (..., rows)."""
    total = weights.sum(-1, keepdim=True).clamp(min=1)
    a = one - (weights * one).sum(-1, keepdim=True) / total
    b = others - (weights * others).sum(-1, keepdim=True) / total
    product = (weights * a * b).sum(-1)
    norms = (weights * a * a).sum(-1) * (weights * b * b).sum(-1)
    return product / norms.clamp(min=1e-24).sqrt()


def marked(
    films: Sequence[Film], images: Sequence[Tensor], views: Sequence[View], geometry: Geometry
) -> tuple[Film, ...]:
    """Return films, with a warning where their heights do not fit those of the first.

    `images` (rows, columns) are what a model reads of them. Tilted films show no slices in rows and
    are left out.
    """
    level = [k for k, view in enumerate(views) if not view.tilt]
    found = list(films)
    for k in level[1:]:
        first, other = films[level[0]], films[k]
        fit = match_heights(images[level[0]], images[k], geometry)
        exact = first.grey == other.grey == "integrals"
        near = geometry.magnification > FAR
        least = (NEAR_SOURCE if near else FAR_SOURCE) if exact else FILMS
        found[k] = _warned(other, first, fit, least)
    return tuple(found)


def _warned(film: Film, first: Film, fit: HeightMatch, least: float) -> Film:
    both = f"{first.label} and {film.label}"
    if fit.correlation < least:
        text = f"{both} do not fit in height (correlation {fit.correlation:.2f}): not one patient"
        return film.caution("patients", f"{text}, or not one breath", fit.correlation, least)
    if abs(fit.shift_mm) > SHIFTED_MM and fit.correlation > FITTING:
        text = f"the heights of {both} differ by {abs(fit.shift_mm):.0f} mm: not one breath"
        return film.caution(
            "heights", f"{text}, or cropped differently", abs(fit.shift_mm), SHIFTED_MM
        )
    return film
