"""How phantoms vary: one patient drawn from (seed, index) alone."""

from __future__ import annotations

import numpy as np

from repcat_plugins.datasets.phantom.anatomy import Anatomy, Build, Organs, Pose, Tissue

# One stream of chance for each noun, so that a draw more in one does not change the others.
STREAMS = {
    "anatomy": 0,
    "vessels": 1,
    "nodules": 2,
    "texture": 3,
    "scan": 4,
    "grain": 5,
    "disease": 6,
}


def stream(seed: int, index: int, noun: str) -> np.random.Generator:
    """Return the generator of one noun of one patient."""
    return np.random.default_rng([seed, index, STREAMS[noun]])


def draw(seed: int, index: int) -> Anatomy:
    """Draw a patient."""
    rng = stream(seed, index, "anatomy")
    build = _build(rng)
    organs = _organs(rng, build)
    return Anatomy(_pose(rng), build, organs, _tissue(rng))


def _bell(rng: np.random.Generator, mean: float, sd: float) -> float:
    """Draw from a normal distribution, clipped at 2.2 deviations."""
    return mean + sd * float(np.clip(rng.standard_normal(), -2.2, 2.2))


def _pose(rng: np.random.Generator) -> Pose:
    turn, roll, nod = _bell(rng, 0, 5), _bell(rng, 0, 2), _bell(rng, 0, 3)
    return Pose(turn, roll, nod, np.array([_bell(rng, 0, sd) for sd in (9, 8, 12)]))


def _build(rng: np.random.Generator) -> Build:
    female = bool(rng.random() < 0.5)
    stature = _bell(rng, 0.94 if female else 1.02, 0.055)
    width = _bell(rng, 127 if female else 138, 8)
    return Build(
        female=female,
        stature=stature,
        width=width,
        depth=width * _bell(rng, 0.67, 0.055),
        muscle=_bell(rng, 11 if female else 15, 2.5),
        fat=float(np.clip(rng.lognormal(2.55 if female else 2.3, 0.5), 4, 34)),
        belly=_bell(rng, 5, 10),
        breast=_bell(rng, 1, 0.3) if female else 0.0,
        kyphosis=float(rng.uniform(4, 34)),
        scoliosis=_bell(rng, 0, 5),
        scoliosis_phase=float(rng.uniform(-1.2, 1.2)),
        lean=_bell(rng, 0, 0.03),
        rib_pairs=int(rng.choice([11, 12, 12, 12])),
        rib_slope=_bell(rng, 1, 0.15),
    )


def _organs(rng: np.random.Generator, build: Build) -> Organs:
    h = build.stature
    right = _bell(rng, -52, 17) * h
    dome = [right, right - _bell(rng, 9, 6)]
    side, raised = int(rng.random() < 0.5), rng.random() < 0.12
    dome[side] += raised * rng.uniform(20, 42)
    effusion = [0.0, 0.0]
    if rng.random() < 0.15:
        effusion[int(rng.random() < 0.5)] = float(rng.uniform(0.15, 0.5))
    return Organs(
        apex=_bell(rng, 130, 6) * h,
        dome=(dome[0], dome[1]),
        dome_depth=_bell(rng, 80, 15) * h,
        effusion=(effusion[0], effusion[1]),
        heart=_bell(rng, 1.0, 0.1) + (rng.random() < 0.15) * rng.uniform(0.1, 0.28),
        heart_turn=_bell(rng, 52, 7),
        heart_tilt=_bell(rng, 32, 8),
        mediastinum=_bell(rng, 0, 4) + 14 * (effusion[0] - effusion[1]),
        aorta=_bell(rng, 13, 1.8),
        arch=_bell(rng, 0, 7),
        carina=_bell(rng, 46, 6) * h,
        stomach_gas=float(rng.uniform(0.25, 1.0)),
        liver_reach=_bell(rng, 42, 16),
    )


def _tissue(rng: np.random.Generator) -> Tissue:
    contrast = rng.random() < 0.35
    return Tissue(
        lung=_bell(rng, -795, 28),
        lung_slope=float(rng.uniform(0.1, 0.5)),
        fat=_bell(rng, -102, 5),
        muscle=_bell(rng, 52, 6),
        blood=float(rng.uniform(110, 250)) if contrast else _bell(rng, 42, 4),
        heart=_bell(rng, 55, 6) + 40 * contrast,
        liver=_bell(rng, 58, 9) + 35 * contrast,
        spleen=_bell(rng, 50, 4) + 45 * contrast,
        marrow=_bell(rng, 190, 35),
        cortex=_bell(rng, 850, 90),
        visceral=_bell(rng, -25, 25),
        effusion=_bell(rng, 10, 6),
    )
