"""One thorax of a procedural population, rendered from formulas at any size of voxel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from repcat_plugins.datasets.phantom.canvas import Canvas, Field
from repcat_plugins.datasets.phantom.outline import level
from repcat_plugins.datasets.phantom.population import draw, stream
from repcat_plugins.datasets.phantom.scanner import (
    GRAIN_MM,
    cut_off,
    draw_arm_bones,
    draw_arms,
    draw_opacities,
    draw_table,
    scanned,
)
from repcat_plugins.datasets.phantom.skeleton import draw_bones
from repcat_plugins.datasets.phantom.trunk import Trunk
from repcat_plugins.datasets.phantom.vessels import airways, lung_points, lung_vessels
from repcat_plugins.datasets.phantom.viscera import (
    Heart,
    draw_abdomen,
    draw_great_vessels,
    draw_heart,
)
from repcat_plugins.datasets.tubes import chain

ORGANS = (
    "air skin fat muscle breast mediastinum lung airway vessel nodule effusion heart blood aorta "
    "abdomen liver stomach gas spleen kidney spine rib cartilage sternum clavicle scapula"
)
LABELS: dict[str, int] = {name: number for number, name in enumerate(ORGANS.split())}

# Standard deviation of the texture in HU, by organ; 8 where nothing is said.
TEXTURE = {"air": 0, "airway": 0, "gas": 0, "lung": 22, "spine": 25, "breast": 12, "abdomen": 12}
SKIN_MM = 2.0


def thorax(
    seed: int, index: int, size: int, cube_mm: float, generator: int = 1
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Render a phantom: Hounsfield units and organ numbers (LABELS), each (D, H, W).

    A function of its arguments only. The anatomy is given in mm by seed and index; `size` and
    `cube_mm` (the cube's edge) only sample it. `generator` 2 scans the patient: see `scanner`.
    """
    anatomy, scan = draw(seed, index), None
    if generator > 1:
        anatomy, scan = scanned(anatomy, stream(seed, index, "scan"))
    canvas = Canvas(size, cube_mm, anatomy.pose.rotation, anatomy.pose.shift)
    trunk = Trunk(anatomy)
    heart = Heart.of(trunk)
    cage = trunk.cage.distance(canvas.x, canvas.y, canvas.z)
    diaphragm = trunk.diaphragm(canvas.x, canvas.y, canvas.z)
    if scan:
        draw_table(canvas, trunk, scan)
        draw_arms(canvas, trunk, scan, LABELS)
    _draw_wall(canvas, trunk)
    canvas.paint(canvas.soft(cage), 0.35 * anatomy.tissue.fat, LABELS["mediastinum"])
    draw_abdomen(canvas, trunk, cage, diaphragm, LABELS)
    lungs = trunk.lungs(canvas.x, canvas.y, canvas.z, cage, diaphragm)
    cover = _draw_lungs(canvas, trunk, lungs)
    _draw_lung_contents(canvas, trunk, heart, (seed, index), cover)
    if scan:
        places = lung_points(trunk, heart, stream(seed, index, "disease"), 40, 4.0)
        draw_opacities(canvas, places, scan, cover, LABELS["lung"])
    draw_heart(canvas, heart, anatomy.tissue, (cage, diaphragm), LABELS)
    draw_great_vessels(canvas, heart, trunk, LABELS)
    _draw_airways(canvas, trunk)
    draw_bones(canvas, trunk, LABELS)
    if scan:
        draw_arm_bones(canvas, trunk, scan, LABELS)
    _add_texture(canvas, cube_mm, stream(seed, index, "texture"))
    if scan:
        grain = _noise(canvas.size, cube_mm, GRAIN_MM, stream(seed, index, "grain"))
        canvas.hu += scan.grain * grain
        cut_off(canvas, scan)
        np.clip(canvas.hu, -1000, 3000, out=canvas.hu)
    return canvas.hu, canvas.labels


def _draw_wall(canvas: Canvas, trunk: Trunk) -> None:
    """Paint breasts, skin, fat and muscle."""
    tissue, build = trunk.anatomy.tissue, trunk.anatomy.build
    if build.female:
        _draw_breasts(canvas, trunk)
    skin = trunk.body.distance(canvas.x, canvas.y, canvas.z)
    cover = canvas.soft(skin)
    canvas.paint(cover, 20, LABELS["skin"])
    canvas.paint(canvas.soft(skin + SKIN_MM), tissue.fat, LABELS["fat"])
    canvas.paint(canvas.soft(skin + SKIN_MM + build.fat), tissue.muscle, LABELS["muscle"])


def _draw_breasts(canvas: Canvas, trunk: Trunk) -> None:
    """Paint fat with glands on the front, sunk a little to the sides as they lie in a scanner."""
    build, tissue = trunk.anatomy.build, trunk.anatomy.tissue
    size = build.breast * (0.85 + build.fat / 60)
    for side in (-1, 1):
        z = 8 * build.stature
        x, y, _ = trunk.body.point(side * np.radians(146.0), z).tolist()
        radii = (58 * size, 42 * size, 62 * size)
        canvas.paint(canvas.ellipsoid((x, y + 8, z), radii), 20, LABELS["skin"])
        inner = (radii[0] - SKIN_MM, radii[1] - SKIN_MM, radii[2] - SKIN_MM)
        canvas.paint(canvas.ellipsoid((x, y + 8, z), inner), tissue.fat, LABELS["breast"])
        gland = (32 * size, 22 * size, 32 * size)
        canvas.paint(canvas.ellipsoid((x, y - 8 * size, z - 4), gland), 5, LABELS["breast"])


def _draw_lungs(canvas: Canvas, trunk: Trunk, lungs: Field) -> Field:
    """Paint lungs, denser towards the back, with fissures and fluid; return their coverage."""
    tissue, build = trunk.anatomy.tissue, trunk.anatomy.build
    cover = canvas.soft(lungs)
    density = tissue.lung + tissue.lung_slope * canvas.y
    canvas.paint(cover, density.astype(np.float32), LABELS["lung"])
    # An oblique fissure runs from high at the back to low at the front; it is 1 mm of water.
    plane = (canvas.z - 0.75 * canvas.y - 5) * 0.8
    fissure = np.clip(1 - np.abs(plane) / canvas.voxel, 0, 1) * min(1.0, 0.8 / canvas.voxel)
    canvas.hu -= cover * fissure * density
    back = trunk.spine_y[level(canvas.z)] + 26
    for side, share in zip((-1, 1), trunk.anatomy.organs.effusion, strict=True):
        if share:
            height = back - 2 * build.depth * share * np.clip(
                1.1 - canvas.z / (1.5 * trunk.top), 0, 2
            )
            rim = 10 * np.exp(np.clip(lungs / 8, -9, 0))
            fluid = canvas.soft(np.maximum(height - rim - canvas.y, -side * canvas.x))
            canvas.paint(cover * fluid, tissue.effusion, LABELS["effusion"])
            cover = cover * (1 - fluid)
    return cover


def _draw_lung_contents(
    canvas: Canvas, trunk: Trunk, heart: Heart, who: tuple[int, int], cover: Field
) -> None:
    """Paint vessels and nodules inside the lungs."""
    vessels = lung_vessels(trunk, heart, stream(*who, "vessels"))
    canvas.paint(canvas.tubes(vessels) * cover, trunk.anatomy.tissue.blood, LABELS["vessel"])
    rng = stream(*who, "nodules")
    places = lung_points(trunk, heart, rng, 4, 6.0)
    for x, y, z in places[: rng.choice(5, p=[0.4, 0.25, 0.15, 0.1, 0.1])].tolist():
        r = float(np.exp(rng.uniform(np.log(4), np.log(15))))
        radii = r * rng.uniform(0.85, 1.15, 3)
        nodule = canvas.ellipsoid((x, y, z), (radii[0], radii[1], radii[2]))
        canvas.paint(nodule * cover, float(rng.uniform(-20, 70)), LABELS["nodule"])


def _draw_airways(canvas: Canvas, trunk: Trunk) -> None:
    """Paint air in windpipe and bronchi, within a wall of 1.5 mm."""
    h = trunk.anatomy.build.stature
    windpipe, main, lobar = airways(trunk)
    air = [*chain(windpipe, 9.0 * h), *chain(main, 6.5 * h, 5.5 * h), *chain(lobar, 4 * h, 2.5 * h)]
    wall = [(a, b, ra + 1.5, rb + 1.5) for a, b, ra, rb in air]
    canvas.paint(canvas.tubes(wall), 20, LABELS["mediastinum"])
    canvas.paint(canvas.tubes(air), -990, LABELS["airway"])


def _add_texture(canvas: Canvas, cube_mm: float, rng: np.random.Generator) -> None:
    """Add smooth noise, 14 mm wide, times what TEXTURE says of each organ."""
    noise = _noise(canvas.size, cube_mm, 14.0, rng)
    sd = np.array([TEXTURE.get(name, 8) for name in LABELS], np.float32)
    canvas.hu += noise * sd[canvas.labels]
    np.clip(canvas.hu, -1000, 3000, out=canvas.hu)


def _noise(size: int, cube_mm: float, pitch: float, rng: np.random.Generator) -> Field:
    """Return noise (D, H, W) of unit deviation, smooth over `pitch` mm, in mm and not in voxels."""
    count = int(616 / pitch)
    lattice = (np.arange(count) - (count - 1) / 2) * pitch
    voxels = (np.arange(size) - (size - 1) / 2) * cube_mm / size
    weight = np.exp(-0.5 * ((voxels[:, None] - lattice) / pitch) ** 2)
    weight /= np.linalg.norm(weight, axis=1, keepdims=True)
    # Weights too small to matter would be denormal numbers, on which a product is ten times slower.
    weight = np.where(weight < 1e-9, 0, weight).astype(np.float32)
    noise: Field = rng.standard_normal((count,) * 3, dtype=np.float32)
    # einsum alone: the bits of a product by BLAS follow its threads, which no run can record
    for axes in ("iz,zyx->iyx", "iy,zyx->zix", "ix,zyx->zyi"):
        noise = np.einsum(axes, weight, noise)
    return noise


__all__ = ["LABELS", "thorax"]
