"""Small scenes in which parts are tried: views, geometry, patients. All chance has a name."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from repcat.chance import generator
from repcat.errors import PartError
from repcat.geometry import View, preset
from repcat.shapes import Batch, Grid, Task

# Voxels a side that are tried, smallest first, until a part takes one.
SIZES = (16, 32, 48, 64, 96, 128)
TWO = (0.0, 90.0)


def task_of(size: int, azimuths: tuple[float, ...] = TWO, seed: int = 0) -> Task:
    """Return a cube of 400 mm before a cone beam."""
    views = tuple(View(a) for a in azimuths)
    geometry = preset("default", size=size, cube_mm=400.0)
    xray = Grid(len(views), (size, size))
    return Task(views, xray, Grid(1, (size, size, size)), geometry, seed=seed)


def batch_of(task: Task, patients: int, *, like: str = "noise") -> Batch:
    """Return patients of noise in [0, 1], the first ones the same whatever their number."""
    ids = tuple(f"patient-{n}" for n in range(patients))
    xrays = values(ids, (task.xray.channels, *task.xray.size), like, "xrays")
    volume = values(ids, (1, *task.volume.size), like, "volume")
    return Batch(ids, xrays, task.views, volume)


def values(ids: tuple[str, ...], shape: tuple[int, ...], *names: str) -> Tensor:
    """Return numbers in [0, 1], (B, *shape), each patient's a function of his id and the names."""
    chance = (generator("scene", i, *names) for i in ids)
    return torch.stack([torch.rand(shape, generator=g) for g in chance])


def smallest(attempt: Callable[[int], None], given: int | None) -> tuple[int, str]:
    """Find the smallest size that a part takes.

    Returns it and, where the part broke down at a smaller one instead of refusing it with
    PartError, what happened there.

    Raises:
        PartError: when every size is refused; what the part raised when it broke at the last.
    """
    crash = ""
    sizes = (given,) if given else SIZES
    for size in sizes:
        try:
            attempt(size)
        except PartError:
            if size == sizes[-1]:
                raise
        except Exception as error:
            if size == sizes[-1]:
                raise
            crash = crash or f"at {size} voxels a side: {type(error).__name__}: {error}"
        else:
            return size, crash
    raise AssertionError
