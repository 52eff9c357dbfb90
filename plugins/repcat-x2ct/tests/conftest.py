"""Small tasks, batches and networks."""

from __future__ import annotations

import pytest
import torch

from repcat import Batch, Grid, Task, View, preset


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    """Let tests side by side not fight for cores."""
    torch.set_num_threads(1)


@pytest.fixture
def small():
    """Options of a generator with every layer of the published one but few of each."""
    return {"width": 4, "growth": 2, "layers": (1, 2, 1, 1, 1), "decoder_width": 1}


@pytest.fixture
def task_of():
    """Return a maker of tasks: azimuths or views, voxels and pixels a side."""

    def make(views=(0.0, 90.0), size=8, seed=0):
        views = tuple(v if isinstance(v, View) else View(v) for v in views)
        geometry = preset("parallel", size=size, cube_mm=320.0)
        grids = Grid(len(views), geometry.pixels), Grid(1, geometry.voxels)
        return Task(views, *grids, geometry, seed=seed)

    return make


@pytest.fixture
def batch_of():
    """Return a maker of batches of two patients: random X-rays and volumes."""

    def make(task, seed=0):
        chance = torch.Generator().manual_seed(seed)
        xrays = torch.rand(2, len(task.views), *task.xray.size, generator=chance)
        volume = torch.rand(2, 1, *task.volume.size, generator=chance)
        return Batch((f"{seed}a", f"{seed}b"), xrays, task.views, volume)

    return make
