"""Soft organs of a phantom: abdomen, heart, great vessels."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from repcat_plugins.datasets.phantom.anatomy import Tissue
from repcat_plugins.datasets.phantom.canvas import Canvas, Field, ellipsoid_distance, moved
from repcat_plugins.datasets.phantom.trunk import Trunk
from repcat_plugins.datasets.tubes import Points, chain

# Chambers in the heart's own axes: towards the apex, to the left and back, upwards; in its radii.
CHAMBERS = (
    ((0.20, 0.30, -0.05), (0.50, 0.36, 0.42)),  # left ventricle
    ((0.15, -0.45, -0.05), (0.50, 0.26, 0.48)),  # right ventricle
    ((-0.55, 0.32, 0.12), (0.28, 0.42, 0.42)),  # left atrium
    ((-0.50, -0.40, 0.05), (0.32, 0.38, 0.48)),  # right atrium
)
STOMACH_HU = 25.0
KIDNEY_HU = 38.0


@dataclass(frozen=True, slots=True)
class Heart:
    """An ellipsoid that points left, forward and down; rows of `axes` as in CHAMBERS."""

    centre: NDArray[np.float64]
    radii: NDArray[np.float64]
    axes: NDArray[np.float64]

    @classmethod
    def of(cls, trunk: Trunk) -> Heart:
        """Set the heart on the diaphragm behind the breastbone."""
        build, organs = trunk.anatomy.build, trunk.anatomy.organs
        turn, tilt = np.radians(organs.heart_turn), np.radians(organs.heart_tilt)
        flat = np.cos(tilt)
        long = np.array([np.sin(turn) * flat, -np.cos(turn) * flat, -np.sin(tilt)])
        across = np.array([np.cos(turn), np.sin(turn), 0.0])
        axes = np.stack([long, across, np.cross(long, across)])
        scale = organs.heart * (0.5 * build.width / 133 + 0.5 * build.stature)
        radii = scale * np.array([67.0, 46.0, 44.0])
        z = 0.5 * (organs.dome[0] + organs.dome[1]) + 30 * scale - 6
        z = min(z, organs.carina - 58 * scale)
        y = trunk.sternum(z) + 0.5 * build.depth + 4 * (scale - 1)
        return cls(np.array([organs.mediastinum + 21 * scale, y, z]), radii, axes)

    def distance(self, x: Field, y: Field, z: Field) -> Field:
        """Return the distance to the outer wall in mm, negative inside."""
        offset = [f - np.float32(c) for f, c in zip((x, y, z), self.centre, strict=True)]
        return ellipsoid_distance(offset, self.radii, self.axes)

    def place(self, where: tuple[float, float, float]) -> tuple[float, float, float]:
        """Turn a place in the heart's own axes and radii into x, y, z."""
        x, y, z = (self.centre + (np.array(where) * self.radii) @ self.axes).tolist()
        return x, y, z


def draw_abdomen(
    canvas: Canvas, trunk: Trunk, cage: Field, diaphragm: Field, labels: dict[str, int]
) -> None:
    """Paint what lies under the diaphragm: stomach, spleen, kidneys, liver."""
    tissue, organs, h = trunk.anatomy.tissue, trunk.anatomy.organs, trunk.anatomy.build.stature
    wide, right, left = trunk.anatomy.build.width, *organs.dome
    below = canvas.soft(np.maximum(cage + 4, diaphragm + 4))
    canvas.paint(canvas.soft(np.maximum(cage, diaphragm)), tissue.muscle, labels["muscle"])
    canvas.paint(below, tissue.visceral, labels["abdomen"])
    spleen = canvas.ellipsoid((0.66 * wide, 38, left - 62 * h), (28, 40, 52 * h))
    stomach = canvas.ellipsoid((0.45 * wide, -12, left - 58 * h), (46, 48, 46 * h))
    size = 14 + 18 * organs.stomach_gas
    high = left - 10 * h - 0.7 * size
    gas = canvas.ellipsoid((0.46 * wide, -30, high), (1.35 * size, size, 0.7 * size), _tipped(35))
    canvas.paint(stomach * below, STOMACH_HU, labels["stomach"])
    canvas.paint(gas * below, -950, labels["gas"])
    canvas.paint(spleen * below, tissue.spleen, labels["spleen"])
    for side in (-1, 1):
        x, y, z = moved(trunk.spine(-175 * h), side * 58, -4, 0).tolist()
        canvas.paint(canvas.ellipsoid((x, y, z), (26, 24, 52)) * below, KIDNEY_HU, labels["kidney"])
    lobe = 0.72 * (canvas.x - organs.liver_reach) - 0.69 * (canvas.z - right + 38 * h)
    liver = np.maximum(np.maximum(lobe, cage + 5), diaphragm + 5)
    liver = np.maximum(liver, right - 150 * h - 0.35 * canvas.x - canvas.z)
    liver = np.maximum(liver, 34 - np.hypot(canvas.x, canvas.y - float(trunk.spine(right)[1])))
    canvas.paint(canvas.soft(liver), tissue.liver, labels["liver"])


def draw_heart(
    canvas: Canvas,
    heart: Heart,
    tissue: Tissue,
    surfaces: tuple[Field, Field],
    labels: dict[str, int],
) -> None:
    """Paint fat, muscle and chambers of the heart inside the cage, above the diaphragm."""
    cage, diaphragm = surfaces
    keep = canvas.soft(np.maximum(cage + 2, -diaphragm))
    wall = heart.distance(canvas.x, canvas.y, canvas.z)
    coat = wall - 3 - 9 * np.exp(-np.maximum(diaphragm, 0) / 9)
    canvas.paint(canvas.soft(coat) * keep, 0.5 * tissue.fat, labels["mediastinum"])
    canvas.paint(canvas.soft(wall) * keep, tissue.heart, labels["heart"])
    for where, share in CHAMBERS:
        rx, ry, rz = (np.array(share) * heart.radii).tolist()
        cover = canvas.ellipsoid(heart.place(where), (rx, ry, rz), heart.axes)
        canvas.paint(cover * keep, tissue.blood, labels["blood"])


def draw_great_vessels(canvas: Canvas, heart: Heart, trunk: Trunk, labels: dict[str, int]) -> None:
    """Paint aorta, pulmonary trunk and superior vena cava."""
    organs, blood = trunk.anatomy.organs, trunk.anatomy.tissue.blood
    x, c = organs.mediastinum, organs.carina
    y = float(trunk.spine(c)[1]) - 50
    root = np.array(heart.place((-0.35, 0.0, 0.55)))
    aorta = _rounded(_aorta(trunk, root))
    r = organs.aorta
    trunk_end = np.array([x + 16, y, c - 22])
    lung = [np.array(heart.place((0.0, -0.1, 0.75))), moved(trunk_end, 0, -14, -4), trunk_end]
    arms = [[trunk_end, moved(hilum(trunk, side), 0, -6, 4)] for side in (-1, 1)]
    cava = [
        np.array([x - 24, y - 6, c + 62]),
        np.array([x - 25, y - 4, c]),
        np.array([x - 26, y - 8, c - 35]),
    ]
    pulmonary = [*chain([_rounded(lung)], 13.0, 11.5), *chain(arms, 10.0, 8.0)]
    canvas.paint(canvas.tubes(pulmonary), blood, labels["vessel"])
    canvas.paint(canvas.tubes(chain([cava], 9.0)), blood, labels["vessel"])
    canvas.paint(canvas.tubes(chain([aorta], r + 2, r - 2)), blood, labels["aorta"])


def hilum(trunk: Trunk, side: int) -> NDArray[np.float64]:
    """Return where the root of a lung is; the left is a little higher and farther out."""
    organs = trunk.anatomy.organs
    z = organs.carina - (22.0 if side > 0 else 30.0)
    return np.array([organs.mediastinum + (40.0 if side > 0 else -38.0), trunk.spine(z)[1] - 44, z])


def _aorta(trunk: Trunk, root: NDArray[np.float64]) -> Points:
    """Lead the aorta up, over the left main bronchus, and down on the left of the spine."""
    organs = trunk.anatomy.organs
    x, c = organs.mediastinum, organs.carina
    top, out = c + 26 + organs.arch, 0.5 * organs.arch
    back = float(trunk.spine(c)[1])
    up = [
        root,
        np.array([x - 16 - out, back - 72, c - 8]),
        np.array([x - 10, back - 66, top - 4]),
        np.array([x + 12, back - 48, top + 4]),
        np.array([x + 30 + out, back - 30, top - 8]),
    ]
    levels = np.arange(c - 4, -300, -28.0)
    aside = np.linspace(29 + out, 6, len(levels))
    down = zip(levels.tolist(), aside.tolist(), strict=True)
    return up + [moved(trunk.spine(z), a, -24, 0) for z, a in down]


def _tipped(degrees: float) -> NDArray[np.float64]:
    """Return axes turned about y, the left side down."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])


def _rounded(line: Points) -> Points:
    """Cut the corners of a polyline (one round of Chaikin's rule)."""
    inner = [p for a, b in pairwise(line) for p in (0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b)]
    return [line[0], *inner, line[-1]]
