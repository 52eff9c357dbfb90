"""Airways and vessel trees of a phantom's lungs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from repcat_plugins.datasets.phantom.canvas import moved
from repcat_plugins.datasets.phantom.trunk import Trunk
from repcat_plugins.datasets.phantom.viscera import Heart, hilum
from repcat_plugins.datasets.tubes import Points, Segment

LEAF_MM = 1.15
# Murray's law would be 3; measured trees of the lung lie lower (Huang et al. 1996: 2.6 to 2.7).
MURRAY = 2.7
LEAVES = 110


def grow(root: NDArray[np.float64], leaves: NDArray[np.float64]) -> Iterator[Segment]:
    """Yield a tree from `root` to the points `leaves` (n, 3).

    Each branch goes some way to the middle of what it feeds, then halves it across its longest
    axis. One that feeds n leaves has the radius LEAF_MM * n^(1 / 2.7).
    """
    todo = [(root, leaves)]
    while todo:
        start, fed = todo.pop()
        radius = LEAF_MM * len(fed) ** (1 / MURRAY)
        if len(fed) == 1:
            yield start, fed[0], radius, 0.7 * radius
            continue
        fork = start + 0.42 * (fed.mean(0) - start)
        yield start, fork, radius, 0.92 * radius
        order = np.argsort(fed[:, np.ptp(fed, axis=0).argmax()], kind="stable")
        half = len(fed) // 2
        todo += [(fork, fed[order[:half]]), (fork, fed[order[half:]])]


def lung_points(
    trunk: Trunk, heart: Heart, rng: np.random.Generator, count: int, inside_mm: float
) -> NDArray[np.float64]:
    """Draw points (count, 3) at least `inside_mm` from the surface of a lung; either lung.

    May return fewer where the lungs are small; what it returns does not depend on any grid.
    """
    build = trunk.anatomy.build
    low = np.array([-build.width, -1.3 * build.depth, -150 * build.stature])
    high = np.array([build.width, 1.1 * build.depth, trunk.top])
    points = rng.uniform(low, high, (12 * count + 200, 3))
    x, y, z = points.astype(np.float32).T
    cage, diaphragm = trunk.cage.distance(x, y, z), trunk.diaphragm(x, y, z)
    depth = np.maximum(trunk.lungs(x, y, z, cage, diaphragm), 4 - heart.distance(x, y, z))
    return points[depth < -inside_mm][:count]


def lung_vessels(trunk: Trunk, heart: Heart, rng: np.random.Generator) -> Iterator[Segment]:
    """Yield the vessel tree of both lungs, an upper and a lower trunk on each side."""
    points = lung_points(trunk, heart, rng, 2 * LEAVES, 5.0)
    for side in (-1, 1):
        root = hilum(trunk, side)
        mine = points[np.sign(points[:, 0] - root[0] * 0.3) == side]
        above = mine[:, 2] > root[2] - 5
        for leaves in (mine[above], mine[~above]):
            if len(leaves):
                yield from grow(root, leaves)


def airways(trunk: Trunk) -> tuple[list[Points], list[Points], list[Points]]:
    """Return the windpipe, the main bronchi and the lobar ones as polylines."""
    organs, h = trunk.anatomy.organs, trunk.anatomy.build.stature
    x, c = organs.mediastinum, organs.carina
    carina = np.array([x, trunk.spine(c)[1] - 36, c])
    top = moved(trunk.spine(260 * h), 0, -34, 0)
    middle = moved(trunk.spine(130 * h), 0.5 * x, -38, 0)
    main, lobar = [], []
    for side in (-1, 1):
        root = moved(hilum(trunk, side), 0, 8, -2)
        main.append([carina, root])
        for out, back, up in ((20, 4, 26), (24, -26, -24), (20, 20, -38)):
            lobar.append([root, moved(root, side * out * h, back * h, up * h)])
    return [[top, middle, carina]], main, lobar
