"""Surfaces of the trunk as signed distances in mm, negative inside, at any points of the patient.

x, y, z are float32 fields of the same shape: LPS mm in the patient's frame, z = 0 near the heart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from repcat_plugins.datasets.phantom.anatomy import Anatomy
from repcat_plugins.datasets.phantom.canvas import Field
from repcat_plugins.datasets.phantom.outline import LEVELS, Outline, level, row, smooth


class Trunk:
    """Body, cage, diaphragm and lungs of one patient."""

    def __init__(self, anatomy: Anatomy) -> None:
        self.anatomy = anatomy
        build = anatomy.build
        self.top = 133 * build.stature
        self.spine_x, self.spine_y = self._spine()
        self.cage = self._cage()
        self.body = self._body()

    def spine(self, z: float) -> NDArray[np.float64]:
        """Return the centre of the vertebral column at a level."""
        k = row(z)
        return np.array([self.spine_x[k], self.spine_y[k], z])

    def sternum(self, z: float) -> float:
        """Return y of the inner side of the breastbone at a level."""
        k = row(z)
        return float(self.cage.middle_y[k] - self.cage.half_y[k])

    def diaphragm(self, x: Field, y: Field, z: Field) -> Field:
        """Return the distance to the diaphragm, negative below: a dome on each side."""
        build, organs = self.anatomy.build, self.anatomy.organs
        rx, ry = 0.62 * build.width, 0.95 * build.depth
        left = 1 / (1 + np.exp(np.clip(-x / 10, -30, 30)))
        xc = (2 * left - 1) * (0.5 * build.width)
        dome = organs.dome[0] + left * (organs.dome[1] - organs.dome[0])
        u, v = (x - xc) / rx, (y + 12) / ry
        height = dome - organs.dome_depth * (u * u + v * v)
        steep = 2 * organs.dome_depth * np.hypot(u / rx, v / ry)
        distance: Field = (z - height) / np.sqrt(1 + steep**2)
        return distance

    def lungs(self, x: Field, y: Field, z: Field, cage: Field, diaphragm: Field) -> Field:
        """Return the distance to the lungs: cage, less mediastinum, spine and what lies below."""
        apex = self.anatomy.organs.apex
        side = np.abs(x) - np.float32(0.36 * self.anatomy.build.width)
        back = y - self.cage.middle_y[row(apex)]
        off = side**2 + back**2
        cap = (z - np.float32(apex) + off / 85) / np.sqrt(1 + off / np.float32(42.5**2))
        k = level(z)
        spine = 25 - np.hypot(x - self.spine_x[k], y - self.spine_y[k])
        inside = _both(_both(cage + 3, -diaphragm, 5), cap, 12)
        outside = _both(self._mediastinum(x, y, z), spine, 6)
        distance: Field = _both(inside, outside, 6)
        return distance

    def _mediastinum(self, x: Field, y: Field, z: Field) -> Field:
        organs = self.anatomy.organs
        k = level(z)
        deep = np.clip((y - self.spine_y[k] + 62) / 42, -3, 3)
        wide = np.interp(LEVELS, [-80, 20, organs.carina, organs.apex + 10], [24, 27, 30, 25])
        half = 5 + wide.astype(np.float32)[k] * np.exp(-deep * deep)
        distance: Field = half - np.abs(x - organs.mediastinum)
        return distance

    def _spine(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        build = self.anatomy.build
        q = (LEVELS / build.stature - 15) / 150
        bend = q * q / (1 + 0.3 * q * q)
        y = build.depth - 24 - build.kyphosis * bend
        x = build.scoliosis * np.sin(2 * np.pi * LEVELS / 430 + build.scoliosis_phase)
        return x.astype(np.float32), y.astype(np.float32)

    def _cage(self) -> Outline:
        build = self.anatomy.build
        u = np.clip((self.top - LEVELS) / (165 * build.stature), 0, 1)
        half_x = build.width * (0.38 + 0.62 * (1 - (1 - u) ** 2) ** 0.75)
        half_y = build.depth * (0.61 + 0.39 * u**0.75)
        low = np.clip((-LEVELS - 70) / 200, 0, 1)
        half_x *= 1 - 0.12 * low
        half_x, half_y = smooth(half_x, 6), smooth(half_y, 6)
        return Outline(half_x, half_y, self.spine_y + 26 - half_y, 2.25, build.lean)

    def _body(self) -> Outline:
        b, h = self.anatomy.build, self.anatomy.build.stature
        wall = b.width + 8 + b.muscle + b.fat
        neck = 50 + 0.5 * b.muscle + 0.3 * b.fat
        knots = h * np.array([-260, -160, -60, 40, 100, 135, 160, 185, 230])
        waist = wall - 10 + 0.3 * b.fat
        sides = [waist, waist, wall, wall, wall - 1, 0.86 * wall, 0.6 * wall, neck + 8, neck]
        half_x = np.interp(LEVELS, knots, sides)
        front = self.cage.middle_y - self.cage.half_y - 8 - 0.7 * b.muscle - 0.8 * b.fat
        belly = np.interp(LEVELS, knots, [1, 1, 0.2, 0, 0, 0, 0, 0, 0])
        upper = np.interp(LEVELS, knots, [0, 0, 0, 0, 0, 0.35, 0.85, 1, 1])
        front = front - belly * (b.belly + 0.25 * b.fat)
        front = (1 - upper) * front + upper * (self.spine_y - 62 - 0.3 * b.fat)
        back = self.spine_y + 46 + b.muscle + 0.7 * b.fat - 8 * upper
        half_x, front, back = smooth(half_x, 14), smooth(front, 14), smooth(back, 14)
        return Outline(half_x, (back - front) / 2, (back + front) / 2, 2.5, b.lean)


def _both(a: Field, b: Field, round_mm: float) -> Field:
    """Return the distance to what is inside both, the edge rounded."""
    blend = np.maximum(round_mm - np.abs(a - b), 0)
    joined: Field = np.maximum(a, b) + blend * blend * np.float32(0.25 / round_mm)
    return joined
