"""Tasks and batches for mappers."""

from __future__ import annotations

import pytest
import torch

from repcat import Batch, Grid, Task, View, preset


@pytest.fixture
def task_of():
    """Return a maker of tasks: azimuths or views, voxels a side, pixels a side, the beam."""

    def make(views=(0.0, 90.0), size=16, pixels=None, beam="default", seed=0):
        views = tuple(v if isinstance(v, View) else View(v) for v in views)
        geometry = preset(beam, size=size, cube_mm=320.0, pixels=pixels)
        xray = Grid(len(views), geometry.pixels)
        return Task(views, xray, Grid(1, geometry.voxels), geometry, seed=seed)

    return make


@pytest.fixture
def batch_of():
    """Return a maker of batches: random images, or those given, (B, N, rows, columns)."""

    def make(task, images=None, ids=("a", "b")):
        if images is None:
            chance = torch.Generator().manual_seed(0)
            images = torch.rand(len(ids), len(task.views), *task.xray.size, generator=chance)
        ids = ids[: len(images)]
        return Batch(ids, images, task.views, torch.zeros(len(ids), 1, *task.volume.size))

    return make
