"""Geometry: where source, patient and detector are; with `view` the one place that knows an axis.

World coordinates are LPS millimetres about the isocentre, which is the centre of the volume:
x to the patient's left, y to the back, z to the head. A volume is indexed (z, y, x), so each of
its axes grows with a world axis. An X-ray is indexed (row, column): rows run from head to foot.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import torch
from torch import Tensor

from repcat.errors import PartError, RecipeError
from repcat.view import Vector, View

LARGEST = 4096  # voxels or pixels a side


@dataclass(frozen=True, slots=True)
class Geometry:
    """A source, a volume and a flat detector; lengths in mm.

    `voxels` and `voxel_mm` are (z, y, x); `pixels` and `pixel_mm` are (rows, columns). The detector
    stands at right angles to the line from the source through the isocentre, its centre
    `detector_shift_mm` (rows, columns) off that line, in the direction in which their numbers grow.
    """

    voxels: tuple[int, int, int]
    voxel_mm: Vector
    pixels: tuple[int, int]
    pixel_mm: tuple[float, float]
    source_axis_mm: float = 541.0
    source_detector_mm: float = 949.0
    beam: Literal["cone", "parallel"] = "cone"
    detector_shift_mm: tuple[float, float] = (0.0, 0.0)

    @property
    def magnification(self) -> float:
        """How much larger the detector shows what lies at the isocentre."""
        return 1.0 if self.beam == "parallel" else self.source_detector_mm / self.source_axis_mm

    @property
    def volume_mm(self) -> Vector:
        """Edge lengths of the volume (z, y, x), from voxel face to voxel face."""
        z, y, x = (n * mm for n, mm in zip(self.voxels, self.voxel_mm, strict=True))
        return (z, y, x)

    def resized(self, size: int) -> Geometry:
        """Return the same scene in a cube of `size` voxels and images of `size` pixels a side."""
        z, y, x = (mm / size for mm in self.volume_mm)
        rows, columns = (n * mm / size for n, mm in zip(self.pixels, self.pixel_mm, strict=True))
        voxels, pixels, pixel_mm = (size, size, size), (size, size), (rows, columns)
        return replace(self, voxels=voxels, voxel_mm=(z, y, x), pixels=pixels, pixel_mm=pixel_mm)

    def source_mm(self, view: View) -> Tensor:
        """Return the position (3,) of the source, x y z; of a parallel beam, of its central ray."""
        return self.source_axis_mm * torch.tensor(view.source, dtype=torch.float64)

    def pixel_centres(self, view: View) -> Tensor:
        """Return the positions (rows, columns, 3) of the pixel centres, x y z."""
        axes = (view.source, view.columns, view.rows)
        n, u, v = torch.tensor(axes, dtype=torch.float64).unbind()
        down, right = self.detector_shift_mm
        rows = _offsets(self.pixels[0], self.pixel_mm[0]) + down
        columns = _offsets(self.pixels[1], self.pixel_mm[1]) + right
        centre = (self.source_axis_mm - self.source_detector_mm) * n
        return centre + rows[:, None, None] * v + columns[None, :, None] * u

    def ray_starts(self, view: View) -> Tensor:
        """Return where the ray to each pixel begins (rows, columns, 3)."""
        if self.beam == "cone":
            return self.source_mm(view).expand(*self.pixels, 3)
        n = torch.tensor(view.source, dtype=torch.float64)
        return self.pixel_centres(view) + self.source_detector_mm * n

    def voxel_centres(self) -> Tensor:
        """Return the positions (D, H, W, 3) of the voxel centres, x y z."""
        axes = [_offsets(n, mm) for n, mm in zip(self.voxels, self.voxel_mm, strict=True)]
        z, y, x = torch.meshgrid(*axes, indexing="ij")
        return torch.stack((x, y, z), dim=-1)

    def voxel_index(self, points: Tensor) -> Tensor:
        """Turn positions (..., 3) x y z into fractional indices (..., 3) z y x."""
        pitch = points.new_tensor(self.voxel_mm)
        last = points.new_tensor([(n - 1) / 2 for n in self.voxels])
        return points.flip(-1) / pitch + last

    def pixel_index(self, points: Tensor, view: View) -> Tensor:
        """Return the fractional (row, column) (..., 2) at which points (..., 3) x y z are seen."""
        n, u, v = (points.new_tensor(d) for d in (view.source, view.columns, view.rows))
        scale: Tensor | float = 1.0
        if self.beam == "cone":
            scale = self.source_detector_mm / (self.source_axis_mm - points @ n)
        plane = torch.stack(((points @ v) * scale, (points @ u) * scale), dim=-1)
        plane = plane - points.new_tensor(self.detector_shift_mm)
        last = points.new_tensor([(k - 1) / 2 for k in self.pixels])
        return plane / points.new_tensor(self.pixel_mm) + last

    def sample_grid(self, points: Tensor, view: View) -> Tensor:
        """Return where points (..., 3) x y z are seen, as `grid_sample` counts, float32.

        (..., 2): column and row, the image's outer edges at -1 and 1 (align_corners=False).
        """
        index = self.pixel_index(points, view)
        return ((2 * index + 1) / index.new_tensor(self.pixels) - 1).flip(-1).float()

    def reach_mm(self, view: View) -> float:
        """Return how far the volume reaches from the axis towards a view's source."""
        z, y, x = self.volume_mm
        to_x, to_y, to_z = map(abs, view.source)
        return (to_x * x + to_y * y + to_z * z) / 2

    def check_source(self, view: View, part: str) -> None:
        """Raise PartError where the source of a view lies inside the volume."""
        if self.beam == "cone" and (reach := self.reach_mm(view)) >= self.source_axis_mm:
            msg = (
                f"{part}: the source of view {view} is {self.source_axis_mm:g} mm from the axis "
                f"and so inside the volume, which reaches {reach:.0f} mm; correct the dataset's "
                "geometry"
            )
            raise PartError(msg, code="other-geometry")

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold; a centred detector is left out, as before it could move."""
        values = asdict(self)
        if not any(self.detector_shift_mm):
            del values["detector_shift_mm"]
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Geometry:
        """Read what `to_dict` returned, also after a trip through JSON.

        ValueError where it is no scene, TypeError where it is something else.
        """
        kw: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        found = cls(**kw)
        sides = (*found.voxels, *found.pixels)
        lengths = (*found.voxel_mm, *found.pixel_mm, found.source_axis_mm, found.source_detector_mm)
        shift = found.detector_shift_mm
        shapes = (found.voxels, found.voxel_mm, found.pixels, found.pixel_mm, shift)
        if [*map(len, shapes)] != [3, 3, 2, 2, 2] or found.beam not in ("cone", "parallel"):
            msg = "a scene has three axes of voxels, two of pixels, and a cone or parallel beam"
            raise ValueError(msg)
        whole = all(isinstance(n, int) and 0 < n <= LARGEST for n in sides)
        if not whole or not all(0 < mm < math.inf for mm in lengths):
            msg = f"a scene has 1 to {LARGEST} voxels and pixels a side, and lengths above 0 mm"
            raise ValueError(msg)
        if not all(map(math.isfinite, shift)):
            msg = "a detector is shifted by numbers of mm"
            raise ValueError(msg)
        return found


# From the source to the axis and to the detector, of each named scene.
DISTANCES = {
    "default": (541.0, 949.0),
    "x2ct": (541.0, 949.0),
    "parallel": (541.0, 949.0),
    "film": (1600.0, 1800.0),
}


def preset(name: str, *, size: int, cube_mm: float, pixels: int | None = None) -> Geometry:
    """Build a named scene around a cube of `size` voxels and `cube_mm` mm a side.

    `default`: cone beam, 541 mm from source to axis and 949 mm to the detector, which is as large
    as the cube's shadow at the isocentre, so a pixel and a voxel are one width there. `x2ct`: the
    same distances and the fixed 500 mm detector of X2CT-GAN. `parallel`: parallel rays. `film`: a
    chest film taken at 1800 mm (six feet), the axis 200 mm before it: enlarged 1.125 times.
    """
    pixels = pixels or size
    axis, far = DISTANCES.get(name, (0.0, 0.0))
    if not far:
        msg = f"{name!r} is no geometry; there are {', '.join(DISTANCES)}"
        raise RecipeError(msg, code="no-such-geometry")
    sides = {"x2ct": 500.0, "parallel": cube_mm}
    return Geometry(
        voxels=(size, size, size),
        voxel_mm=(cube_mm / size,) * 3,
        pixels=(pixels, pixels),
        pixel_mm=(sides.get(name, cube_mm * far / axis) / pixels,) * 2,
        source_axis_mm=axis,
        source_detector_mm=far,
        beam="parallel" if name == "parallel" else "cone",
    )


def _offsets(n: int, pitch: float) -> Tensor:
    """Return the centres (n,) of n cells about zero."""
    return (torch.arange(n, dtype=torch.float64) - (n - 1) / 2) * pitch
