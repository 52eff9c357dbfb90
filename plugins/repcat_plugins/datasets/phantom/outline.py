"""A trunk's outline: superellipses stacked along z, with the distance to them in mm."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from repcat_plugins.datasets.phantom.canvas import Field

# Outlines are tables over z, read at the nearest half millimetre.
STEP, LOWEST = 0.5, -600.0
LEVELS = np.arange(LOWEST, -LOWEST + STEP, STEP)


class Outline:
    """A stack of superellipses along z: |x / a|^p + |(y - middle) / b|^p = 1.

    `lean` makes the half axis a longer on the left by that share, and shorter on the right.
    """

    def __init__(
        self,
        half_x: NDArray[np.float64],
        half_y: NDArray[np.float64],
        middle_y: NDArray[np.float64],
        power: float,
        lean: float,
    ) -> None:
        self.lean = np.float32(lean)
        self.half_x, self.half_y, self.middle_y = (
            table.astype(np.float32) for table in (half_x, half_y, middle_y)
        )
        self.slope_x, self.slope_y = (
            np.gradient(np.log(table), STEP).astype(np.float32) for table in (half_x, half_y)
        )
        self.power = power

    def distance(self, x: Field, y: Field, z: Field) -> Field:
        """Return (f - 1) / |grad f| with f the homogeneous form, exact to first order."""
        k, p = level(z), self.power
        a, b = self.half_x[k] * (1 + self.lean * np.sign(x)), self.half_y[k]
        u, v = np.maximum(np.abs(x) / a, 1e-3), np.maximum(np.abs(y - self.middle_y[k]) / b, 1e-3)
        up, vp = u ** (p - 1), v ** (p - 1)
        gz = up * u * self.slope_x[k] + vp * v * self.slope_y[k]
        total = up * u + vp * v
        f = total ** (1 / p)
        steep = np.sqrt((up / a) ** 2 + (vp / b) ** 2 + gz**2)
        distance: Field = (f - 1) * (total / f) / steep
        return distance

    def point(self, angle: float, z: float, outward: float = 0.0) -> NDArray[np.float64]:
        """Return x, y, z of the surface at an angle from the back (0) over the left to the front.

        `outward` mm are added to both half axes; a negative angle is the right side.
        """
        k = row(z)
        s, c = np.sin(angle), np.cos(angle)
        a = float(self.half_x[k] * (1 + self.lean * np.sign(s))) + outward
        b = float(self.half_y[k]) + outward
        r = (abs(s / a) ** self.power + abs(c / b) ** self.power) ** (-1 / self.power)
        return np.array([r * s, float(self.middle_y[k]) + r * c, z])


def row(z: float) -> int:
    """Return the row of the tables at one height in mm, what `level` gives for many."""
    return min(max(int((float(z) - LOWEST) / STEP + 0.5), 0), len(LEVELS) - 1)


def level(z: NDArray[np.floating]) -> NDArray[np.intp]:
    """Return the rows of the tables at heights z in mm."""
    # By way of 32 bits, which is fast to round to; as intp, which is fast to index with.
    rows = ((z - np.float32(LOWEST)) * (1 / STEP) + 0.5).astype(np.int32)
    return np.clip(rows, 0, len(LEVELS) - 1).astype(np.intp)


def smooth(table: NDArray[np.floating], sd_mm: float) -> NDArray[np.float64]:
    """Smooth a table over z with a gaussian."""
    reach = int(3 * sd_mm / STEP)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * STEP / sd_mm) ** 2)
    padded = np.pad(table.astype(np.float64), reach, mode="edge")
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")
