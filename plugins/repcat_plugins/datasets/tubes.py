"""Tapering tubes, such as ribs and vessels: a whole set of them is drawn at once.

Points are x, y, z in mm of the patient's frame, voxels flat numbers of a cube (D, H, W).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.intp]
Points = list[NDArray[np.float64]]
# Start, end, radius at the start, radius at the end.
Segment = tuple[NDArray[np.float64], NDArray[np.float64], float, float]

# Pairs of a tube and a voxel that are worked on together: few enough to stay in the cache.
PAIRS = 1 << 16


@dataclass(frozen=True, slots=True)
class Tubes:
    """Ends (n, 3) and the radii there (n,), in mm."""

    start: NDArray[np.float64]
    end: NDArray[np.float64]
    start_radius: NDArray[np.float64]
    end_radius: NDArray[np.float64]

    @classmethod
    def of(cls, segments: Iterable[Segment], thinnest: float) -> Tubes:
        """Collect the segments that are at least `thinnest` mm in radius somewhere."""
        rows = [(*a, *b, ra, rb) for a, b, ra, rb in segments if max(ra, rb) >= thinnest]
        table = np.array(rows, dtype=np.float64).reshape(-1, 8)
        return cls(table[:, :3], table[:, 3:6], table[:, 6], table[:, 7])

    def near(
        self, rotation: NDArray[np.float64], shift: NDArray[np.float64], voxel: float, size: int
    ) -> Iterator[tuple[Numbers, Numbers]]:
        """Yield tubes (m,) and voxels (m,) that hold every pair with any coverage.

        The cube has `size` voxels of `voxel` mm a side; world = rotation @ patient + shift.
        """
        reach = np.maximum(self.start_radius, self.end_radius)[:, None] + voxel / 2
        ends = [((p @ rotation.T + shift)[:, ::-1], reach) for p in (self.start, self.end)]
        low = np.minimum(*(p - r for p, r in ends)) / voxel + (size - 1) / 2
        high = np.maximum(*(p + r for p, r in ends)) / voxel + (size - 1) / 2
        first = np.clip(np.floor(low), 0, size).astype(np.intp)
        sides = np.clip(np.ceil(high) + 1, first, size).astype(np.intp) - first
        groups = np.cumsum(sides.prod(axis=1)) // PAIRS
        for part in np.split(np.arange(len(sides)), np.flatnonzero(np.diff(groups)) + 1):
            tubes, voxels = _boxes(first[part], sides[part], size)
            yield part[tubes], voxels

    def distance(
        self, tubes: Numbers, points: Iterable[NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        """Return the signed distance in mm of each point to its tube, negative inside (m,)."""
        along = (self.end - self.start).astype(np.float32)
        squared = np.maximum((along**2).sum(axis=1), np.float32(1e-6))
        start, radius = self.start.astype(np.float32), self.start_radius.astype(np.float32)
        taper = (self.end_radius - self.start_radius).astype(np.float32)
        o = [p - c[tubes] for p, c in zip(points, start.T, strict=True)]
        a = [c[tubes] for c in along.T]
        t = np.clip((o[0] * a[0] + o[1] * a[1] + o[2] * a[2]) / squared[tubes], 0, 1)
        off = (o[0] - t * a[0]) ** 2 + (o[1] - t * a[1]) ** 2 + (o[2] - t * a[2]) ** 2
        distance: NDArray[np.float32] = np.sqrt(off) - (radius[tubes] + taper[tubes] * t)
        return distance

    def share(self, voxel: float) -> NDArray[np.float32]:
        """Return pi r^2 over the area under the soft profile of each tube (n,).

        Scaled by it, a tube has the mass that it should have, however thin it is.
        """
        r, w = (self.start_radius + self.end_radius) / 2, voxel
        thin, thick = 3 * r * r * w / (r + w / 2) ** 3, r * r / (r * r + w * w / 12)
        return np.where(r < w / 2, thin, thick).astype(np.float32)


def chain(lines: list[Points], start: float, end: float | None = None) -> Iterator[Segment]:
    """Turn polylines into tubes whose radius goes from `start` to `end`, in mm."""
    end = start if end is None else end
    for line in lines:
        radii = np.linspace(start, end, len(line))
        for (a, b), (ra, rb) in zip(pairwise(line), pairwise(radii), strict=True):
            yield a, b, float(ra), float(rb)


def _boxes(first: Numbers, sides: Numbers, size: int) -> tuple[Numbers, Numbers]:
    """List the voxels of boxes (n, 3) z y x: the number of the box, the number of the voxel."""
    box, row = _counted(sides[:, 0] * sides[:, 1])
    z, y = np.divmod(row, sides[box, 1])
    begin = ((first[box, 0] + z) * size + first[box, 1] + y) * size + first[box, 2]
    line, x = _counted(sides[box, 2])
    return box[line], begin[line] + x


def _counted(counts: Numbers) -> tuple[Numbers, Numbers]:
    """Return 0 0 0 1 1 .. and 0 1 2 0 1 .. for counts 3, 2, .."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return owner, np.arange(len(owner)) - (np.cumsum(counts) - counts)[owner]
