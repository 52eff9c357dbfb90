"""A cube of Hounsfield units and organ labels that shapes are painted into with soft edges.

Shapes are given in the patient's own frame (LPS mm: x left, y back, z head), the cube in the
world's; a rigid pose lies between them. Coverage is the share of a voxel that a shape fills, in
[0, 1], so that the same shape at two sizes of voxel has the same mass.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import numpy as np
from numpy.typing import NDArray

from repcat_plugins.datasets.tubes import Segment, Tubes

Field = NDArray[np.float32]
Slices = tuple[slice, slice, slice]

# Radius in voxels below which a tube is left out.
THINNEST = 0.3


class Canvas:
    """A cube of `size` voxels and `cube_mm` mm a side, with the patient in it.

    `x`, `y`, `z` (D, H, W) are the voxel centres in the patient's frame, in mm: world = rotation @
    patient + shift.
    """

    def __init__(
        self, size: int, cube_mm: float, rotation: NDArray[np.float64], shift: NDArray[np.float64]
    ) -> None:
        self.voxel = cube_mm / size
        self.size = size
        self.rotation, self.shift = rotation, shift
        axis = (np.arange(size) - (size - 1) / 2) * self.voxel
        wz, wy, wx = axis[:, None, None], axis[None, :, None], axis[None, None, :]
        self.x, self.y, self.z = (
            np.ascontiguousarray(
                column[0] * (wx - shift[0])
                + column[1] * (wy - shift[1])
                + column[2] * (wz - shift[2]),
                dtype=np.float32,
            )
            for column in rotation.T
        )
        self.hu = np.full((size,) * 3, -1000, np.float32)
        self.labels = np.zeros((size,) * 3, np.uint8)

    def soft(self, distance: Field) -> Field:
        """Turn signed distances in mm (negative inside) into coverage, over one voxel's width."""
        cover: Field = np.clip(0.5 - distance / np.float32(self.voxel), 0, 1)
        return cover

    def paint(self, cover: Field, hu: float | Field, label: int) -> None:
        """Lay a material over what is there; it takes the label where it fills half a voxel."""
        self.hu += cover * (hu - self.hu)
        self.labels[cover > 0.5] = label

    def box(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> Slices | None:
        """Return the part of the cube that holds a box of the patient's frame, None if outside."""
        corners = np.array(list(product(*zip(low, high, strict=True))))
        world = (corners @ self.rotation.T + self.shift)[:, ::-1] / self.voxel + (self.size - 1) / 2
        first = np.maximum(np.floor(world.min(0)).astype(int), 0)
        last = np.minimum(np.ceil(world.max(0)).astype(int) + 1, self.size)
        if (last <= first).any():
            return None
        z, y, x = (slice(a, b) for a, b in zip(first.tolist(), last.tolist(), strict=True))
        return z, y, x

    def tubes(self, segments: Iterable[Segment]) -> Field:
        """Return the coverage of tapering tubes; those thinner than THINNEST are left out."""
        tubes = Tubes.of(segments, THINNEST * self.voxel)
        cover, share = np.zeros_like(self.hu), tubes.share(self.voxel)
        for numbers, voxels in tubes.near(self.rotation, self.shift, self.voxel, self.size):
            points = (field.reshape(-1)[voxels] for field in (self.x, self.y, self.z))
            found = self.soft(tubes.distance(numbers, points)) * share[numbers]
            np.maximum.at(cover.reshape(-1), voxels, found)
        return cover

    def ellipsoid(
        self,
        centre: tuple[float, float, float],
        radii: tuple[float, float, float],
        axes: NDArray[np.float64] | None = None,
    ) -> Field:
        """Return the coverage of an ellipsoid whose own axes are the rows of `axes`."""
        cover = np.zeros_like(self.hu)
        axes = np.eye(3) if axes is None else axes
        middle, r = np.array(centre), np.array(radii)
        half = np.sqrt(((axes * r[:, None]) ** 2).sum(0)) + self.voxel
        at = self.box(middle - half, middle + half)
        if at is not None:
            o = [
                f[at] - np.float32(c) for f, c in zip((self.x, self.y, self.z), middle, strict=True)
            ]
            cover[at] = self.soft(ellipsoid_distance(o, r, axes))
        return cover


def moved(point: NDArray[np.float64], x: float, y: float, z: float) -> NDArray[np.float64]:
    """Return a point (3,) some mm to the left, back and head."""
    there: NDArray[np.float64] = point + np.array([x, y, z])
    return there


def ellipsoid_distance(
    offset: list[Field], radii: NDArray[np.float64], axes: NDArray[np.float64]
) -> Field:
    """Return the signed distance to an ellipsoid in mm, to first order: k0 (k0 - 1) / k1.

    k0 = |p / r|, k1 = |p / r^2| in the ellipsoid's own axes (Quilez's bound).
    """
    k0 = k1 = np.float32(0)
    for axis, r in zip(axes.astype(np.float32), radii.astype(np.float32), strict=True):
        along = (offset[0] * axis[0] + offset[1] * axis[1] + offset[2] * axis[2]) / r
        k0 = k0 + along**2
        k1 = k1 + (along / r) ** 2
    k0 = np.sqrt(k0)
    distance: Field = k0 * (k0 - 1) / np.sqrt(k1 + np.float32(1e-12))
    return np.where(k0 < 1e-3, -np.float32(radii.min()), distance)
