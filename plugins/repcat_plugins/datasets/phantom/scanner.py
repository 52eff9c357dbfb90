"""What a scan of a chest has beside the chest: its ends, a table, arms, grain, disease.

Generator 2. Each is drawn from a stream of its own, so that the patients of generator 1 keep their
bits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from repcat_plugins.datasets.phantom.anatomy import Anatomy
from repcat_plugins.datasets.phantom.canvas import Canvas, Field, moved
from repcat_plugins.datasets.phantom.trunk import Trunk
from repcat_plugins.datasets.tubes import Points, chain

GRAIN_MM = 5.0
SHELL_MM = 3.0
WALL_MM = 3.0  # skin of an arm


@dataclass(frozen=True, slots=True)
class Opacity:
    """A part of a lung that is denser than it should be: a place in it (0..1), mm and HU."""

    place: float
    radii: tuple[float, float, float]
    hu: float


@dataclass(frozen=True, slots=True)
class Scan:
    """How a patient was scanned; lengths in mm.

    `foot` and `head` are the scan's ends in the world, between which it is not air; `field` is the
    radius of the reconstructed circle about (x, y). `table` is the gap under the back, None for no
    table in view; `cradle` the radius of its hollow, `thick` its thickness. `grain` is the
    deviation of the noise in HU, `opacities` the disease of the lungs.
    """

    foot: float
    head: float
    field: float
    middle: tuple[float, float]
    table: float | None
    cradle: float
    thick: float
    shell_hu: float
    arms: Literal["up", "down"]
    grain: float
    opacities: tuple[Opacity, ...]


def scanned(anatomy: Anatomy, rng: np.random.Generator) -> tuple[Anatomy, Scan]:
    """Draw a scan, and return the patient as he lies in it: the scan's middle is the cube's.

    A chest scan takes in both lungs: it ends 15 to 75 mm above their apex and up to 90 mm below
    their lowest recess. Four in ten are reconstructed in a circle that may cut the chest wall.
    """
    organs, build = anatomy.organs, anatomy.build
    build = replace(build, fat=float(np.clip(build.fat * rng.lognormal(0.1, 0.35), 3, 60)))
    tissue = replace(anatomy.tissue, lung=float(np.clip(rng.normal(-805, 45), -890, -680)))
    head = organs.apex + rng.uniform(15, 75)
    foot = min(organs.dome) - organs.dome_depth - rng.uniform(0, 90)
    middle = (head + foot) / 2
    shift = np.array([rng.normal(0, 5), rng.normal(0, 5), -middle])
    cut = rng.random() < 0.4
    some = rng.choice(5, p=[0.5, 0.2, 0.12, 0.1, 0.08])
    scan = Scan(
        foot=float(foot - middle),
        head=float(head - middle),
        field=float(rng.uniform(140, 190) if cut else rng.uniform(190, 290)),
        middle=(float(rng.normal(0, 6)), float(rng.normal(0, 6))),
        table=float(rng.uniform(0, 14)) if rng.random() < 0.85 else None,
        cradle=float(rng.uniform(230, 420)),
        thick=float(rng.uniform(12, 60)),
        shell_hu=float(rng.uniform(-400, 250)),
        arms="up" if rng.random() < 0.85 else "down",
        grain=float(rng.uniform(4, 26)),
        opacities=tuple(_opacity(rng) for _ in range(some)),
    )
    return Anatomy(replace(anatomy.pose, shift=shift), build, organs, tissue), scan


def _opacity(rng: np.random.Generator) -> Opacity:
    r = np.exp(rng.uniform(np.log(12), np.log(48))) * rng.uniform(0.6, 1.4, 3)
    return Opacity(float(rng.random()), (r[0], r[1], r[2]), float(rng.uniform(-650, 40)))


def draw_table(canvas: Canvas, trunk: Trunk, scan: Scan) -> None:
    """Paint a hollow table under the back: two shells and foam between them.

    It lies in the scanner, not in the patient: world coordinates.
    """
    if scan.table is None:
        return
    wy, wx = _world(canvas)
    back = float((trunk.body.middle_y + trunk.body.half_y).max())
    top = back + float(trunk.anatomy.pose.shift[1]) + scan.table
    inside = np.clip(np.abs(wx), None, 0.95 * scan.cradle)
    rise = scan.cradle - np.sqrt(scan.cradle**2 - inside**2)
    depth = wy - (top - rise)  # below the upper face
    width = np.abs(wx) - 215.0
    whole = np.maximum(np.maximum(-depth, depth - scan.thick), width)
    foam = np.maximum(np.maximum(SHELL_MM - depth, depth - scan.thick + SHELL_MM), width + SHELL_MM)
    for distance, hu in ((whole, scan.shell_hu), (foam, -930.0)):
        cover = np.broadcast_to(canvas.soft(distance.astype(np.float32)), canvas.hu.shape)
        canvas.paint(cover, hu, _AIR)


def draw_arms(canvas: Canvas, trunk: Trunk, scan: Scan, labels: dict[str, int]) -> None:
    """Paint shoulders and upper arms beside the head or beside the trunk, with their bone."""
    tissue, build = trunk.anatomy.tissue, trunk.anatomy.build
    for side in (-1, 1):
        line = _arm(trunk, side, scan.arms)
        thick = 30 + 0.7 * build.muscle
        outer = thick + 0.35 * build.fat
        canvas.paint(canvas.tubes(chain([line], outer + WALL_MM, outer)), 20, labels["skin"])
        canvas.paint(canvas.tubes(chain([line], outer, outer - WALL_MM)), tissue.fat, labels["fat"])
        muscle = canvas.tubes(chain([line], thick, thick - 6))
        canvas.paint(muscle, tissue.muscle, labels["muscle"])


def draw_arm_bones(canvas: Canvas, trunk: Trunk, scan: Scan, labels: dict[str, int]) -> None:
    """Paint the bone of each upper arm, 4 mm of cortex about marrow; its label is `clavicle`."""
    tissue = trunk.anatomy.tissue
    for side in (-1, 1):
        line = _arm(trunk, side, scan.arms)[1:]
        canvas.paint(canvas.tubes(chain([line], 21.0, 12.0)), tissue.cortex, labels["clavicle"])
        canvas.paint(canvas.tubes(chain([line], 17.0, 8.0)), tissue.marrow, labels["clavicle"])


def _arm(trunk: Trunk, side: int, arms: Literal["up", "down"]) -> Points:
    """Return the middle of an upper arm, from inside the chest wall outwards."""
    build = trunk.anatomy.build
    h, wide = build.stature, build.width
    back = float(trunk.spine(100 * h)[1])
    joint = np.array([side * (wide + 18), back - 42, 96 * h])
    root = np.array([side * 0.72 * wide, back - 34, 84 * h])
    if arms == "up":
        elbow = moved(joint, side * 42, -30, 250 * h)
        return [root, joint, moved(joint, side * 34, -8, 70 * h), elbow]
    out = wide + build.muscle + build.fat + 58
    return [
        root,
        joint,
        np.array([side * out, back - 40, 30 * h]),
        np.array([side * (out + 12), back - 30, -240 * h]),
    ]


def draw_opacities(
    canvas: Canvas, places: NDArray[np.float64], scan: Scan, cover: Field, label: int
) -> None:
    """Paint disease inside the lungs about some of their points (n, 3), its edge gradual."""
    for one in scan.opacities if len(places) else ():
        x, y, z = places[int(one.place * len(places))].tolist()
        core = (0.6 * one.radii[0], 0.6 * one.radii[1], 0.6 * one.radii[2])
        for radii, share in ((one.radii, 0.45), (core, 0.8)):
            inside = canvas.ellipsoid((x, y, z), radii) * cover
            canvas.hu += share * inside * (one.hu - canvas.hu)
            canvas.labels[inside > 0.5] = label


def cut_off(canvas: Canvas, scan: Scan) -> None:
    """Leave air outside the scan's ends and its circle."""
    wy, wx = _world(canvas)
    z = (np.arange(canvas.size) - (canvas.size - 1) / 2)[:, None, None] * canvas.voxel
    ends = np.maximum(z - scan.head, scan.foot - z)
    rim = np.hypot(wx - scan.middle[0], wy - scan.middle[1]) - scan.field
    keep = canvas.soft(np.maximum(ends, rim).astype(np.float32))
    canvas.hu = keep * canvas.hu - 1000 * (1 - keep)
    canvas.labels[keep < 0.5] = _AIR


def _world(canvas: Canvas) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return y (1, H, 1) and x (1, 1, W) of the voxel centres in the world, mm."""
    centres = (np.arange(canvas.size) - (canvas.size - 1) / 2) * canvas.voxel
    axis: NDArray[np.float64] = centres.astype(np.float64)
    return axis.reshape(1, -1, 1), axis.reshape(1, 1, -1)


_AIR = 0
