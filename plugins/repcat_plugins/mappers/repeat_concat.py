"""Repeat and concatenate (Eq. 1): every view fills the volume, the views are its channels."""

from __future__ import annotations

from typing import Annotated, Literal

import torch
from torch import Tensor, nn
from typing_extensions import Doc

from repcat import Batch, Grid, InputMapper, Task
from repcat_plugins.mappers.axis_layout import Laying, check_fit, place
from repcat_plugins.mappers.rays import Rays
from repcat_plugins.mappers.rotation import Rotation

Align = Literal["none", "transpose", "released", "literal", "rotate", "geometric"]


class RepeatConcat(InputMapper):
    """Repeat each view along depth and concatenate the views as channels, (B, N, D, H, W).

    `transpose` puts every view where the geometry says: rows run down the z axis, columns along
    the volume axis that the view's columns point along, and the image is repeated along the
    other, its ray axis: y, or x for a view at 90 or 270 degrees. Oblique views stay as the frontal
    ones, as in Sec. 3.1, mirrored when their columns point to the patient's right. Rays of a cone
    are not bent: the map is exact for a parallel beam. `rotate` is the same for any azimuth, the
    coarse alignment of Fig. 6: repeated along y, then turned about z (see `Rotation`; the released
    code's view v is our azimuth 180 - 45 v). `geometric` follows each voxel's ray to the pixel that
    saw it (see `Rays`); for parallel rays at 0 and 90 degrees it equals `transpose`.
    `none` takes every view for a frontal one.

    Two are array orders, blind to what the axes mean: `literal`, Sec. 3.1 at its word, has
    volume[a, b, c] = image[row a, column b], and image[row c, column b] for views at 90 or 270
    degrees; `released` is what the released code does (utils.py get_views @ cc0304e, where
    `v == 2 or 6` is always true): image[row c, column b] for each view, whatever its direction.
    """

    def __init__(
        self,
        task: Task,
        *,
        align: Annotated[
            Align,
            Doc(
                "'transpose': each view along its own ray axis; 'rotate': turned about the "
                "head-foot axis by its azimuth; 'geometric': along the exact rays; 'none': all as "
                "frontal views; 'literal': the array order of the paper's text; 'released': that "
                "of the released code"
            ),
        ] = "transpose",
    ) -> None:
        super().__init__()
        self.out = Grid(len(task.views), task.volume.size)
        self.fill = _filling(task, align)

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, N, D, H, W) in [0, 1]."""
        volumes: Tensor = self.fill(batch.xrays)
        return volumes


class Layers(nn.Module):
    """Views laid along volume axes, with nothing interpolated."""

    def __init__(self, task: Task, align: Laying) -> None:
        super().__init__()
        self.size = task.volume.size
        self.placements = [place(view, align) for view in task.views]
        for view, placement in zip(task.views, self.placements, strict=True):
            check_fit(task, view, placement, "repeat_concat")

    def forward(self, images_BNRC: Tensor) -> Tensor:
        """Return (B, N, D, H, W)."""
        pairs = zip(self.placements, images_BNRC.unbind(dim=1), strict=True)
        return torch.stack([placement.fill(image, self.size) for placement, image in pairs], dim=1)


def _filling(task: Task, align: Align) -> nn.Module:
    if align == "rotate":
        return Rotation(task)
    if align == "geometric":
        return Rays(task, "mapper 'repeat_concat' with align = 'geometric'")
    return Layers(task, align)
