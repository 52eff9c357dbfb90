"""Repeat and concatenate (Eq. 1): every view fills the volume, the views are its channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import torch
from torch import Tensor
from typing_extensions import Doc

from repcat import Batch, Grid, InputMapper, PartError, Task, View

Align = Literal["none", "transpose", "released"]

# Places in a stack (B, z, y, x) of one view.
_Z, _Y, _X = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Placement:
    """How one image becomes a volume: which volume axes its rows and columns fill.

    The third axis is the one along which the image is repeated. `flipped` names the image axes,
    of (B, rows, columns), that run against the volume's index.
    """

    rows: int
    columns: int
    flipped: tuple[int, ...] = ()

    def fill(self, image_BRC: Tensor, size: tuple[int, ...]) -> Tensor:
        """Return (B, D, H, W) as a view of the image; nothing is copied but a flipped image."""
        image = image_BRC.flip(self.flipped) if self.flipped else image_BRC
        if self.rows > self.columns:
            image = image.transpose(1, 2)
        return image.unsqueeze(6 - self.rows - self.columns).expand(-1, *size)


class RepeatConcat(InputMapper):
    """Repeat each view along depth and concatenate the views as channels, (B, N, D, H, W).

    `transpose` puts every view where the geometry says: rows run down the z axis, columns along
    the volume axis that the view's columns point along, and the image is repeated along the
    other, its ray axis: y, or x for a view at 90 or 270 degrees. Oblique views stay as the frontal
    ones, as in Sec. 3.1, mirrored when their columns point to the patient's right. Rays of a cone
    are not bent: the map is exact for a parallel beam. `none` takes every view for a frontal one.
    `released` is what the released code does (utils.py get_views @ cc0304e, where `v == 2 or 6` is
    always true): volume[a, b, c] = image[row c, column b] for each view, whatever its direction.
    """

    def __init__(
        self,
        task: Task,
        *,
        align: Annotated[
            Align,
            Doc(
                "'transpose': each view along its own ray axis; 'none': all as frontal views; "
                "'released': the array order of the released code"
            ),
        ] = "transpose",
    ) -> None:
        super().__init__()
        self.out = Grid(len(task.views), task.volume.size)
        self.placements = [_placement(view, align) for view in task.views]
        for view, placement in zip(task.views, self.placements, strict=True):
            _need_fit(task, view, placement)

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, N, D, H, W) in [0, 1]."""
        images = batch.xrays.unbind(dim=1)
        volumes = [
            placement.fill(image, self.out.size)
            for placement, image in zip(self.placements, images, strict=True)
        ]
        return torch.stack(volumes, dim=1)


def _placement(view: View, align: Align) -> Placement:
    if align == "released":
        return Placement(rows=_X, columns=_Y)
    if align == "none":
        return Placement(rows=_Z, columns=_X, flipped=(1,))
    x, y, _ = view.columns
    lateral = abs(x) < 1e-6  # a cosine of 90 or 270 degrees, up to rounding
    against = (y if lateral else x) < 0
    # Row 0 is the head and z grows to the head, so rows always turn round.
    return Placement(_Z, _Y if lateral else _X, flipped=(1, 2) if against else (1,))


def _need_fit(task: Task, view: View, placement: Placement) -> None:
    size = (0, *task.volume.size)
    wanted = (size[placement.rows], size[placement.columns])
    if task.xray.size != wanted:
        msg = (
            f"mapper 'repeat_concat' needs images of {wanted[0]} x {wanted[1]} pixels for view "
            f"{view} and a volume of {' x '.join(map(str, task.volume.size))}, but they are "
            f"{' x '.join(map(str, task.xray.size))}; choose a dataset with images as large as "
            "the volume, or a mapper that changes sizes"
        )
        raise PartError(msg)
