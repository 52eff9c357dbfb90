"""Where each voxel is seen: the places on the views that every mapper here samples at."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from repcat import Geometry, Task, View

Align = Literal["rotate", "geometric"]
ALIGN_DOC = (
    "'rotate': each view along parallel rays of its azimuth, as wide as the volume; 'geometric': "
    "along the exact rays of the dataset's geometry"
)


def sight(task: Task, align: Align, mapper: str) -> Tensor:
    """Return (N, D, H, W, 2): column and row at which each view sees each voxel.

    The image's outer edges are at -1 and 1, as `grid_sample` without aligned corners counts.
    8 bytes a voxel and view: 17 MB for 8 views at 64^3.
    """
    task.check_scene(f"mapper {mapper!r}")
    points = task.geometry.voxel_centres()
    scenes = [shadow(task.geometry, v) if align == "rotate" else task.geometry for v in task.views]
    return torch.stack([g.sample_grid(points, v) for g, v in zip(scenes, task.views, strict=True)])


def depth(task: Task) -> Tensor:
    """Return (N, D, H, W, 1): how deep each view sees each voxel, -1 near the source, 1 far."""
    points = task.geometry.voxel_centres()
    _, y, x = task.geometry.volume_mm
    depths = []
    for view in task.views:
        reach = (y if _frontal(view) else x) / 2
        depths.append(-(points @ points.new_tensor(view.source)).unsqueeze(-1) / reach)
    return torch.stack(depths).float()


def shadow(geometry: Geometry, view: View) -> Geometry:
    """Return the scene of parallel rays in which a view's image is as large as the volume."""
    z, y, x = geometry.volume_mm
    rows, columns = geometry.pixels
    across = x if _frontal(view) else y
    return replace(geometry, beam="parallel", pixel_mm=(z / rows, across / columns))


def _frontal(view: View) -> bool:
    """Whether a view's columns run rather from side to side than from front to back."""
    return abs(view.columns[0]) >= abs(view.columns[1])
