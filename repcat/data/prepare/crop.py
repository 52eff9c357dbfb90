"""Crop: where the cube goes, and how much of the body it leaves out.

Lengths are mm; triples are (z, y, x) about the centre of the scan.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from repcat.data.prepare.body import Body
from repcat.data.prepare.resample import Triple


def place(body: Body, extent_mm: float, cube_mm: float, where: str) -> Triple:
    """Return where the middle of the cube goes (z, y, x).

    x and y: the middle of the body's box. z: the middle of the scan, or, with `top`, as high as
    the scan's upper end if the scan (`extent_mm` high) is higher than the cube: X2CT-GAN keeps the
    last slices.
    """
    _, (y0, y1), (x0, x1) = body.box_mm
    z = max(0.0, extent_mm - cube_mm) / 2 if where == "top" else 0.0
    return (z, (y0 + y1) / 2, (x0 + x1) / 2)


@dataclass(frozen=True, slots=True)
class Fit:
    """How much of the body the cube leaves out (0..1), and the cube that would leave out none."""

    outside: float
    needed_mm: float


def fit(body: Body, middle: Triple, cube_mm: float, where: str) -> Fit:
    """Compare body and cube; `top` cuts off the lower end on purpose, which does not count."""
    inside = [(body.lattice.axis(k) - m).abs() <= cube_mm / 2 for k, m in enumerate(middle)]
    reach = [max(high - m, m - low) for (low, high), m in zip(body.box_mm, middle, strict=True)]
    if where == "top":
        inside[0], reach[0] = torch.ones_like(inside[0]), 0.0
    kept = body.mask & (inside[0][:, None, None] & inside[1][:, None] & inside[2])
    share = 1 - kept.sum().item() / max(1, int(body.mask.sum()))
    return Fit(share, math.ceil(2 * max(reach) / 10) * 10)
