"""Tasks, batches and bodies with exact line integrals."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from repcat import Batch, Grid, Task, View, preset


@pytest.fixture
def task_of():
    """Return a maker of tasks: azimuths or views, voxels a side, pixels a side, the beam."""

    def make(views=(0.0, 90.0), size=16, pixels=None, beam="default", wider=1.0):
        views = tuple(v if isinstance(v, View) else View(v) for v in views)
        scene = preset(beam, size=size, cube_mm=320.0, pixels=pixels)
        rows, columns = (wider * mm for mm in scene.pixel_mm)
        scene = dataclasses.replace(scene, pixel_mm=(rows, columns))
        return Task(views, Grid(len(views), scene.pixels), Grid(1, scene.voxels), scene)

    return make


@pytest.fixture
def batch_of():
    """Return a maker of batches: random images, or those given, (B, N, rows, columns)."""

    def make(task, images=None, patients=2):
        if images is None:
            chance = torch.Generator().manual_seed(0)
            images = torch.rand(patients, len(task.views), *task.xray.size, generator=chance)
        ids = tuple(map(str, range(len(images))))
        return Batch(ids, images, task.views, torch.zeros(len(images), 1, *task.volume.size))

    return make


@pytest.fixture
def shadows():
    """Return a maker of exact line integrals (N, rows, columns) through ellipsoids.

    A body is radii and centre in mm (x, y, z) and attenuation in 1/mm; a ray's length inside is
    a quadratic in its parameter.
    """

    def chord(geometry, view, radii, centre):
        start, end = geometry.ray_starts(view), geometry.pixel_centres(view)
        along = (end - start) / (end - start).norm(dim=-1, keepdim=True)
        o = (start - torch.tensor(centre)) / torch.tensor(radii)
        d = along / torch.tensor(radii)
        a, b, c = (d * d).sum(-1), (o * d).sum(-1), (o * o).sum(-1) - 1
        return 2 * (b * b - a * c).clamp(min=0).sqrt() / a

    def make(task, bodies):
        g = task.geometry
        images = [sum(mu * chord(g, v, r, c) for r, c, mu in bodies) for v in task.views]
        return torch.stack(images).float()

    return make
