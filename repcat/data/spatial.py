"""Spatial augmentation: a patient turned, scaled, shifted, mirrored, bent, and projected anew."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from repcat.arithmetic import one_thread
from repcat.config.schema import AugmentTable
from repcat.contracts import Patients
from repcat.data.cast import Caster
from repcat.errors import RecipeError
from repcat.geometry import Geometry
from repcat.types import Projector
from repcat.view import View

SPANS = 4  # of a cubic B-spline along each axis of the volume
KNOTS = SPANS + 3
# Share of a span below which no bending folds: 1 / 2.48 (Choi and Lee 2000, "Injectivity conditions
# of 2D and 3D uniform cubic B-spline functions").
UNFOLDED = 0.4


@dataclass(frozen=True, slots=True)
class Move:
    """Where the moved patient comes from: at p mm is what was at matrix @ (p - shift) + bend(p).

    Matrix (3, 3) and shift (3,) go by x y z in mm. The bend is a uniform cubic B-spline with
    control points (3, z, y, x) of x y z in mm, or none.
    """

    matrix: Tensor
    shift: Tensor
    bend: Tensor | None = None

    @property
    def is_still(self) -> bool:
        """Whether nothing moves."""
        still = torch.equal(self.matrix, torch.eye(3).to(self.matrix))
        return still and not self.shift.any() and self.bend is None


class Spatial:
    """Move patients as [augment] says and cast their X-rays by the recipe's projector.

    Raises:
        RecipeError: where options contradict each other, or bending could fold a patient.
        PartError: where dataset or projector cannot make X-rays of a volume.
    """

    def __init__(
        self, table: AugmentTable, patients: Patients, project: Projector, views: tuple[View, ...]
    ) -> None:
        self.table, self.patients = table, patients
        if table.flip_p:
            msg = (
                f"augment.flip_p = {table.flip_p:g} mirrors stored X-rays, which "
                "augment.spatial_p casts anew; set flip_p = 0 and use spatial_mirror"
            )
            raise RecipeError(msg, code="flip-and-spatial")
        _check_bend(table.spatial_bend, patients.geometry)
        self.cast = Caster(patients, project, views, "spatial_p", "set spatial_p = 0")

    def draw(self, chance: Generator) -> Move | None:
        """Draw how a patient is moved; None: this one stays, and keeps its X-rays."""
        table = self.table
        moved, mirrored = torch.rand(2, generator=chance).tolist()
        angles, shares, shift = (2 * torch.rand(3, 3, generator=chance).double() - 1).unbind()
        knots = 2 * torch.rand(3, KNOTS, KNOTS, KNOTS, generator=chance) - 1
        if moved >= table.spatial_p:
            return None
        sides = 1 + table.spatial_scale * shares
        if mirrored < table.spatial_mirror:
            sides = sides * sides.new_tensor([-1, 1, 1])
        matrix = torch.diag(1 / sides) @ rotation(*(table.spatial_rotate * angles).tolist()).T
        bend = knots * table.spatial_bend if table.spatial_bend else None
        return Move(matrix, table.spatial_shift * shift, bend)

    @torch.no_grad()
    def move(self, volume: Tensor, move: Move) -> Tensor:
        """Return a volume (D, H, W) as it is after a move."""
        with one_thread():
            return moved(volume, move, self.patients.geometry)


def moved(volume: Tensor, move: Move, geometry: Geometry) -> Tensor:
    """Sample a volume (D, H, W) trilinearly where a move takes it from; its faces go on outside.

    A move of nothing returns the volume itself.
    """
    if move.is_still:
        return volume
    half = torch.tensor(geometry.volume_mm[::-1], dtype=torch.float64) / 2
    linear = move.matrix * half / half[:, None]
    offset = -(move.matrix @ move.shift) / half
    theta = torch.cat((linear, offset[:, None]), dim=1)[None].float()
    grid = F.affine_grid(theta, [1, 1, *geometry.voxels], align_corners=False)
    if move.bend is not None:
        grid = grid + bent(move.bend, geometry.voxels).movedim(0, -1) / half.float()
    whole = volume.float()[None, None]
    sampled = F.grid_sample(whole, grid, padding_mode="border", align_corners=False)
    return sampled[0, 0]


def rotation(x: float, y: float, z: float) -> Tensor:
    """Return the matrix (3, 3) that turns by degrees about x, then y, then z, right-handed."""
    turned = torch.eye(3, dtype=torch.float64)
    for axis, degrees in enumerate((x, y, z)):
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        one = torch.eye(3, dtype=torch.float64)
        a, b = (axis + 1) % 3, (axis + 2) % 3
        one[a, a] = one[b, b] = c
        one[a, b], one[b, a] = -s, s
        turned = one @ turned
    return turned


def bent(knots: Tensor, voxels: tuple[int, int, int]) -> Tensor:
    """Return the displacement (3, D, H, W) of a cubic B-spline: nowhere beyond its control points.

    Free-form deformation of Rueckert et al. (1999).
    """
    z, y, x = (_basis(n).to(knots) for n in voxels)
    along_x = knots @ x.T
    along_y = torch.einsum("nzyw,hy->nzhw", along_x, y)
    return torch.einsum("nzhw,dz->ndhw", along_y, z)


def _basis(size: int) -> Tensor:
    """Return the weights (size, KNOTS) of the control points at the centres of an axis' voxels."""
    at = (torch.arange(size, dtype=torch.float64) + 0.5) / size * SPANS
    first = at.floor().clamp(max=SPANS - 1)
    t = at - first
    four = torch.stack(
        ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3), dim=1
    )
    weights = torch.zeros(size, KNOTS, dtype=torch.float64)
    return weights.scatter(1, first.long()[:, None] + torch.arange(4), four / 6)


def _check_bend(bend_mm: float, geometry: Geometry) -> None:
    """Raise RecipeError where a patient could be folded over."""
    most = UNFOLDED * min(geometry.volume_mm) / SPANS
    if bend_mm > most:
        msg = (
            f"augment.spatial_bend = {bend_mm:g} mm could fold a volume of "
            f"{min(geometry.volume_mm):g} mm over itself; set {most:.3g} or less"
        )
        raise RecipeError(msg, code="bent-too-far")
