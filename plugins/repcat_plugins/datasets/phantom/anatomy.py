"""Who a phantom is: the nouns of one patient and their units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Pose:
    """How the patient lies: degrees about z, y, x, and a shift in mm (x, y, z)."""

    turn: float
    roll: float
    nod: float
    shift: NDArray[np.float64]

    @property
    def rotation(self) -> NDArray[np.float64]:
        """Matrix from the patient's frame to the world's."""
        (cz, cy, cx), (sz, sy, sx) = (
            f(np.radians([self.turn, self.roll, self.nod])) for f in (np.cos, np.sin)
        )
        about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
        about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
        rotation: NDArray[np.float64] = about_z @ about_y @ about_x
        return rotation


@dataclass(frozen=True, slots=True)
class Build:
    """The frame; lengths in mm.

    `stature` scales heights (1 = 178 cm). `width` and `depth` are half the chest cavity at its
    widest. `lean` says how much the left half is wider than the right.
    """

    female: bool
    stature: float
    width: float
    depth: float
    muscle: float
    fat: float
    belly: float
    breast: float
    kyphosis: float
    scoliosis: float
    scoliosis_phase: float
    lean: float
    rib_pairs: int
    rib_slope: float


@dataclass(frozen=True, slots=True)
class Organs:
    """Lungs, heart, vessels, abdomen; lengths in mm, levels z in the patient's frame.

    `dome` and `effusion` are (right, left); an effusion is the share of the depth of the chest
    under fluid, 0 for none.
    """

    apex: float
    dome: tuple[float, float]
    dome_depth: float
    effusion: tuple[float, float]
    heart: float
    heart_turn: float
    heart_tilt: float
    mediastinum: float
    aorta: float
    arch: float
    carina: float
    stomach_gas: float
    liver_reach: float


@dataclass(frozen=True, slots=True)
class Tissue:
    """Hounsfield units."""

    lung: float
    lung_slope: float
    fat: float
    muscle: float
    blood: float
    heart: float
    liver: float
    spleen: float
    marrow: float
    cortex: float
    visceral: float
    effusion: float


@dataclass(frozen=True, slots=True)
class Anatomy:
    """One patient."""

    pose: Pose
    build: Build
    organs: Organs
    tissue: Tissue
