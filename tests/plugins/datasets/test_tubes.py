from __future__ import annotations

import numpy as np
import pytest

from repcat_plugins.datasets.phantom.anatomy import Pose
from repcat_plugins.datasets.phantom.canvas import Canvas
from repcat_plugins.datasets.tubes import Segment, chain

TILTED = Pose(turn=20, roll=5, nod=-10, shift=np.array([3.0, -2.0, 4.0]))


def canvas(size: int = 32, cube_mm: float = 64.0) -> Canvas:
    return Canvas(size, cube_mm, TILTED.rotation, TILTED.shift)


def tube(radius: float, half_mm: float = 18.0) -> Segment:
    along = half_mm * np.array([2.0, -1.0, 2.0]) / 3
    return -along, along, radius, radius


@pytest.mark.parametrize("radius", [0.7, 1.5, 4.0, 8.0])  # voxels of 2 mm
def test_a_tube_has_its_volume_however_thin_it_is(radius: float) -> None:
    """The longer less the shorter is a cylinder, pi r^2 L, whatever the ends are like."""
    longer, shorter = (canvas().tubes([tube(radius, half)]).sum() * 8 for half in (18, 6))
    assert longer - shorter == pytest.approx(np.pi * radius**2 * 24, rel=0.05)


def test_tubes_together_cover_what_the_fullest_of_them_does() -> None:
    rng = np.random.default_rng(0)
    ends, radii = rng.uniform(-40, 40, (30, 2, 3)), rng.uniform(0.2, 6, (30, 2))
    segments = [(a, b, float(p), float(q)) for (a, b), (p, q) in zip(ends, radii, strict=True)]
    alone = np.stack([canvas().tubes([segment]) for segment in segments])
    assert np.array_equal(canvas().tubes(segments), alone.max(axis=0))


def test_a_tube_outside_the_cube_or_thinner_than_it_can_show_draws_nothing() -> None:
    away = np.full(3, 90.0)
    assert not canvas().tubes([(away, away + 5, 3.0, 3.0), tube(0.5)]).any()
    assert not canvas().tubes([]).any()


def test_a_tapering_chain_meets_at_its_joints() -> None:
    line = [np.array([0.0, 0.0, z]) for z in (0.0, 10.0, 20.0)]
    assert [s[2:] for s in chain([line], 4.0, 2.0)] == [(4.0, 3.0), (3.0, 2.0)]
