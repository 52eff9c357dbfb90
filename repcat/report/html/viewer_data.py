"""What the viewer of a page shows: patients, their volumes side by side, their X-rays."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from torch import Tensor

from repcat.report.html.nifti import Spacing, coarsened, nifti
from repcat.view import View

# Voxels that a page embeds at most: three patients' truth and prediction at 128^3, 2 bytes each.
BUDGET = 6 * 128**3


@dataclass(frozen=True, slots=True)
class Layer:
    """A volume (D, H, W) in HU by its name; spacing in mm goes z, y, x."""

    name: str
    hu: Tensor
    spacing_mm: Spacing

    @property
    def size(self) -> str:
        """Say how many voxels it has, x, y, z."""
        return " x ".join(str(n) for n in reversed(self.hu.shape))


@dataclass(frozen=True, slots=True)
class Shot:
    """A given X-ray and the one that the volume casts, both (rows, columns) in [0, 1]."""

    view: View
    given: Tensor
    cast: Tensor
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """A patient: volumes side by side, one of them against another, and X-rays.

    `against` names two layers whose absolute difference is shown beside them. `role` says why this
    patient was chosen.
    """

    name: str
    layers: tuple[Layer, ...]
    shots: tuple[Shot, ...] = ()
    against: tuple[int, int] | None = None
    role: str = ""
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name with the role."""
        return f"{self.name} ({self.role})" if self.role else self.name


def fitting(scenes: Sequence[Scene], budget: int = BUDGET) -> list[Scene]:
    """Make volumes coarser, all of them alike, until a page has at most `budget` voxels."""
    count = sum(len(scene.layers) for scene in scenes)
    return [_fitted(scene, budget // max(1, count)) for scene in scenes]


def panels(scenes: Sequence[Scene]) -> list[dict[str, Any]]:
    """Say what the viewer shows of each scene: volumes by number, an error by two of the panels."""
    number = itertools.count()
    return [
        {
            "name": scene.title,
            "layers": [
                *({"name": x.name, "volume": f"volume-{next(number)}"} for x in scene.layers),
                *([{"name": "absolute error", "error": scene.against}] if scene.against else []),
            ],
        }
        for scene in scenes
    ]


def volumes(scenes: Sequence[Scene]) -> list[bytes]:
    """Return all layers as gzipped NIfTI, in the order in which `panels` numbers them."""
    return [nifti(x.hu, x.spacing_mm) for scene in scenes for x in scene.layers]


def spread(ids: Sequence[str], count: int) -> dict[str, str]:
    """Choose from ids in the order of a figure, best first: evenly from the best to the worst.

    Returns each chosen id with its role. One is the median.
    """
    last = len(ids) - 1
    if not last:
        return {ids[0]: "the only one"}
    count = min(count, len(ids))
    places = [last // 2] if count == 1 else [round(p) for p in np.linspace(0, last, count)]
    names = {last // 2: "median", 0: "best", last: "worst"}
    return {ids[p]: names.get(p, f"rank {p + 1} of {last + 1}") for p in places}


def _fitted(scene: Scene, voxels: int) -> Scene:
    layers, notes = [], list(scene.notes)
    for layer in scene.layers:
        hu, spacing = coarsened(layer.hu, layer.spacing_mm, voxels)
        small = Layer(layer.name, hu, spacing)
        layers.append(small)
        if small.size != layer.size:
            notes.append(f"{layer.name}: shown at {small.size} voxels, averaged from {layer.size}")
    return replace(scene, layers=tuple(layers), notes=tuple(notes))
