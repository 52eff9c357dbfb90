"""Bones of a phantom: vertebrae, ribs, breastbone, collar bones, shoulder blades."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from repcat_plugins.datasets.phantom.anatomy import Anatomy
from repcat_plugins.datasets.phantom.canvas import Canvas, Field, moved
from repcat_plugins.datasets.phantom.outline import level
from repcat_plugins.datasets.phantom.trunk import Trunk
from repcat_plugins.datasets.tubes import Points, Segment, chain

# Where each rib ends: degrees from the back, and how far it has sunk there (mm at stature 1).
RIB_ANGLE = (152, 156, 158, 158, 156, 154, 150, 143, 133, 120, 95, 65)
RIB_DROP = (34, 46, 56, 66, 74, 80, 86, 88, 88, 82, 62, 40)
TRUE_RIBS = 7
CARTILAGE_HU = 110.0
DISC_HU = 85.0
CORD_HU = 35.0


def draw_bones(canvas: Canvas, trunk: Trunk, labels: dict[str, int]) -> None:
    """Paint the skeleton over soft tissue."""
    _spine(canvas, trunk, labels["spine"])
    anatomy = trunk.anatomy
    ribs, cartilage = _ribs(trunk)
    canvas.paint(canvas.tubes(chain(cartilage, 4.5)), CARTILAGE_HU, labels["cartilage"])
    _bone(canvas, anatomy, list(chain(ribs, 5.2)), labels["rib"])
    _sternum(canvas, trunk, labels["sternum"])
    for side in (-1, 1):
        collar = _collar(trunk, side)
        _bone(canvas, anatomy, list(chain([collar], 6.0)), labels["clavicle"])
        _blade(canvas, trunk, side, collar[-1], labels["scapula"])


def _bone(canvas: Canvas, anatomy: Anatomy, tubes: list[Segment], label: int) -> None:
    """Paint tubes of marrow under 1.8 mm of cortex."""
    tissue = anatomy.tissue
    canvas.paint(canvas.tubes(tubes), tissue.cortex, label)
    inner = [(a, b, ra - 1.8, rb - 1.8) for a, b, ra, rb in tubes]
    canvas.paint(canvas.tubes(inner), tissue.marrow, label)


def _spine(canvas: Canvas, trunk: Trunk, label: int) -> None:
    """Paint bodies and discs along the curve of the spine, then canal, arches, processes."""
    tissue, h = trunk.anatomy.tissue, trunk.anatomy.build.stature
    pitch, first = 23.0 * h, trunk.top + 3
    k = level(canvas.z)
    size = _by_height(canvas.z, [-200, 0, 120, 180], [1.22 * h, h, 0.8 * h, 0.62 * h])
    dx, dy = canvas.x - trunk.spine_x[k], canvas.y - trunk.spine_y[k]
    shaft = (np.hypot(dx / 17, dy / 14) - size) * 15
    between = np.abs((canvas.z - first) / pitch - np.round((canvas.z - first) / pitch)) * pitch
    body = np.maximum(shaft, between - (pitch / 2 - 2.7))
    canvas.paint(canvas.soft(shaft), DISC_HU, label)
    canvas.paint(canvas.soft(body), tissue.cortex, label)
    canvas.paint(canvas.soft(body + 1.3), tissue.marrow, label)
    arches = list(_arches(trunk, first, pitch))
    _bone(canvas, trunk.anatomy, arches, label)
    canal = [moved(trunk.spine(z), 0, 21 * h, 0) for z in np.arange(-260, 261, 20.0)]
    canvas.paint(canvas.tubes(chain([canal], 8.0 * h)), CORD_HU, label)


def _by_height(z: Field, heights: list[float], values: list[float]) -> Field:
    """Interpolate values between heights in mm, in steps of a millimetre."""
    table = np.interp(np.arange(-600, 601), heights, values).astype(np.float32)
    return table[np.clip(z.astype(np.int32) + 600, 0, 1200)]


def _arches(trunk: Trunk, first: float, pitch: float) -> Iterator[Segment]:
    """Yield for each vertebra two pedicles, two transverse processes and a spinous one."""
    h = trunk.anatomy.build.stature
    for number in range(-4, 16):
        z = first - number * pitch
        centre = trunk.spine(z)
        long = 1.0 if number >= 0 else 0.6
        yield (
            moved(centre, 0, 30 * h, -4),
            moved(centre, 0, (30 + 24 * long) * h, -16 * long),
            4.5,
            4.0,
        )
        for side in (-1, 1):
            corner = moved(centre, side * 12 * h, 19 * h, 2)
            yield moved(centre, side * 12 * h, 8 * h, 2), corner, 4.5, 4.5
            yield corner, moved(centre, 0, 31 * h, -3), 4.2, 4.2
            yield corner, moved(centre, side * 32 * long * h, 27 * h, 3), 4.5, 3.6


def _ribs(trunk: Trunk) -> tuple[list[Points], list[Points]]:
    """Return the bony ribs and the cartilages that join them to the breastbone."""
    build = trunk.anatomy.build
    h = build.stature
    ribs, cartilage = [], []
    for number in range(build.rib_pairs):
        z = trunk.top + 3 - 23.0 * h * number
        drop = RIB_DROP[number] * h * build.rib_slope
        for side in (-1, 1):
            angles = np.radians(np.linspace(16, RIB_ANGLE[number], 13))
            sunk = z + 4 - drop * (1 - np.cos(angles * 0.93)) / 2
            rib = [
                trunk.cage.point(side * float(a), float(s), 4.0)
                for a, s in zip(angles, sunk, strict=True)
            ]
            ribs.append([moved(trunk.spine(z + 4), side * 17 * h, 13 * h, 0), *rib])
            if number < TRUE_RIBS + 3:
                cartilage.append(_cartilage(trunk, number, side, rib[-1]))
    return ribs, cartilage


def _cartilage(trunk: Trunk, number: int, side: int, end: NDArray[np.float64]) -> Points:
    """Lead the end of a rib up to the breastbone, the false ribs to the costal margin."""
    h = trunk.anatomy.build.stature
    z = (88 - 20 * min(number, TRUE_RIBS - 1)) * h
    x = 13.0 * h
    if number >= TRUE_RIBS:
        x, z = x + (number - TRUE_RIBS + 1) * 17 * h, z - (number - TRUE_RIBS + 1) * 22 * h
    joint = np.array([side * x, 0.0, z])
    middle = (joint + end) / 2
    for point in (joint, middle):
        reach = np.clip(abs(point[0]) / trunk.anatomy.build.width, 0, 0.95)
        point[1] = trunk.cage.point(np.pi - float(np.arcsin(reach)), float(point[2]), 4.0)[1]
    return [end, middle, joint]


def _sternum(canvas: Canvas, trunk: Trunk, label: int) -> None:
    """Paint a plate along the front of the cage, wide above (manubrium), pointed below."""
    tissue, h = trunk.anatomy.tissue, trunk.anatomy.build.stature
    top, foot = 98 * h, -58 * h
    k = level(canvas.z)
    front = trunk.cage.middle_y[k] - trunk.cage.half_y[k] - 5
    half = _by_height(canvas.z, [foot, foot + 25, 40 * h, top], [6, 17, 14, 25])
    plate = np.maximum(np.abs(canvas.x) - half, np.abs(canvas.y - front) - 6)
    plate = np.maximum(plate, np.abs(canvas.z - (top + foot) / 2) - (top - foot) / 2)
    canvas.paint(canvas.soft(plate), tissue.cortex * 0.7, label)
    canvas.paint(canvas.soft(plate + 2), tissue.marrow * 0.8, label)


def _collar(trunk: Trunk, side: int) -> Points:
    """Return an S from the manubrium to the tip of the shoulder."""
    h, wide = trunk.anatomy.build.stature, trunk.anatomy.build.width
    start, y = 100 * h, trunk.sternum(96 * trunk.anatomy.build.stature)
    back = float(trunk.spine(120 * h)[1])
    steps = [(20, 0.0, 0), (0.4 * wide, 0.05, 8), (0.72 * wide, 0.3, 17), (0.98 * wide, 0.52, 20)]
    return [np.array([side * x, y - 4 + f * (back - y), start + up * h]) for x, f, up in steps]


def _blade(canvas: Canvas, trunk: Trunk, side: int, tip: NDArray[np.float64], label: int) -> None:
    """Paint a thin plate over the upper back ribs and its spine out to the collar bone."""
    h, tissue = trunk.anatomy.build.stature, trunk.anatomy.tissue
    angle = np.radians(52.0)
    centre = trunk.cage.point(side * float(angle), 52 * h, 17.0)
    normal = np.array([side * np.sin(angle), np.cos(angle), 0.15])
    normal /= np.linalg.norm(normal)
    along = np.cross([0, 0, 1.0], normal)
    along /= np.linalg.norm(along)
    axes = np.array([normal, along, np.cross(normal, along)])
    x, y, z = centre.tolist()
    plate = canvas.ellipsoid((x, y, z), (3.6, 36 * h, 62 * h), axes)
    canvas.paint(plate, 0.7 * tissue.cortex, label)
    ridge = [moved(centre + normal * 5, -side * 16, 4, 26 * h), moved(tip, 0, 14, -2), tip]
    _bone(canvas, trunk.anatomy, list(chain([ridge], 5.0)), label)
