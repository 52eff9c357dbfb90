"""Fixtures: the smallest dataset, mapper, backbone and objective, beside one on trial."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from repcat.contracts import InputMapper, Model, Objective, Patients, Request, Turn
from repcat.data.intensity import to_unit
from repcat.errors import PartError
from repcat.geometry import Geometry, preset
from repcat.hounsfield import attenuation
from repcat.rng import generator
from repcat.types import Batch, Grid, Patient, Prediction, Task
from repcat.view import View

K = TypeVar("K")


class Cubes(Patients):
    """Patients that are one box of tissue each, in air, seen by a parallel beam."""

    name = "cubes"
    fingerprint = "cubes-1"

    def __init__(self, request: Request) -> None:
        self.request = request
        self.geometry = preset("parallel", size=request.size, cube_mm=320.0)

    def ids(self, split: str) -> tuple[str, ...]:
        """Return three patients of any split."""
        return tuple(f"{split}-{n}" for n in range(3))

    def load(self, patient: str) -> Patient:
        """Draw a box; oblique views show it as the nearer of frontal and lateral."""
        n = self.request.size
        low, high = torch.rand(2, 3, generator=generator("cube", patient)) * (n // 4)
        volume = torch.full((n, n, n), -1000.0)
        volume[tuple(slice(int(a) + 1, n - int(b) - 1) for a, b in zip(low, high, strict=True))] = 0
        mu = self.attenuate(volume)
        return Patient(patient, volume, shadows(mu, self.geometry, self.request.views))


def shadows(mu: Tensor, geometry: Geometry, views: tuple[View, ...]) -> Tensor:
    """Add up a cube along y or x, whichever is nearer to the rays: no turn, no magnification."""
    images = [mu.sum(1 if abs(v.source[1]) > 0.7 else 2).flip(0) for v in views]
    return torch.stack(images) * geometry.voxel_mm[0]


class Fan(InputMapper):
    """X-rays brought to any grid: resized, repeated along depth, or averaged to a point."""

    def __init__(self, out: Grid, task: Task) -> None:
        super().__init__()
        self.out = out
        self.views = [n % len(task.views) for n in range(out.channels)]

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, out.channels, *out.size)."""
        x_BCRC = batch.xrays[:, self.views]
        if not self.out.size:
            return x_BCRC.mean(dim=(-2, -1))
        flat = F.interpolate(x_BCRC, self.out.size[-2:])
        if len(self.out.size) == 2:
            return flat
        return flat.unsqueeze(2).expand(-1, -1, self.out.size[0], -1, -1)


class Scaled(nn.Module):
    """A weight a voxel, scaled by the mean of what comes in; every branch is the volume."""

    def __init__(self, branches: frozenset[str], source: Grid, target: Grid) -> None:
        super().__init__()
        self.branches = branches
        self.mix = nn.Linear(source.channels, target.channels)
        self.weight = nn.Parameter(torch.full((1, target.channels, *target.size), 0.3))

    def forward(self, x: Tensor) -> Prediction:
        """Return (B, channels, D, H, W)."""
        means = x.flatten(2).mean(dim=-1) if x.dim() > 2 else x
        volume = self.weight * (1 + self.mix(means))[:, :, None, None, None]
        return Prediction(volume, dict.fromkeys(self.branches, volume))


class Squares(Objective):
    """The mean squared error of the volume, and the mean square of every branch."""

    def __init__(self, task: Task) -> None:
        super().__init__()

    def turns(self, model: Model, batches: Iterator[Batch]) -> Iterator[Turn]:
        """One turn of the model on one batch."""
        batch = next(batches)
        found = model(batch)
        error = F.mse_loss(found.volume, batch.volume)
        yield Turn("model", sum((b.square().mean() for b in found.branches.values()), error))


# Voxels a side that are tried, smallest first, until a part takes one.
SIZES = (16, 32, 48, 64, 96, 128)
TWO = (0.0, 90.0)


def task_of(size: int, azimuths: tuple[float, ...] = TWO) -> Task:
    """Return a cube of 400 mm before a cone beam, whose X-rays are mere sums."""
    views = tuple(View(a) for a in azimuths)
    geometry = preset("default", size=size, cube_mm=400.0)
    grids = Grid(len(views), (size,) * 2), Grid(1, (size,) * 3)
    return Task(views, *grids, geometry, projector=shadows, attenuate=attenuation, to_xray=to_unit)


def batch_of(task: Task, patients: int) -> Batch:
    """Return patients of noise in [0, 1], the first ones the same whatever their number."""
    ids = tuple(f"patient-{n}" for n in range(patients))
    xrays = values(ids, (task.xray.channels, *task.xray.size), "noise", "xrays")
    volume = values(ids, (1, *task.volume.size), "noise", "volume")
    return Batch(ids, xrays, task.views, volume)


def values(ids: tuple[str, ...], shape: tuple[int, ...], *names: str) -> Tensor:
    """Return numbers in [0, 1], (B, *shape), each patient's a function of his id and the names."""
    return torch.stack([torch.rand(shape, generator=generator("scene", i, *names)) for i in ids])


def smallest(attempt: Callable[[int], None], given: int | None) -> tuple[int, str]:
    """Find the smallest size that a part takes.

    Returns it and, where the part broke down at a smaller one instead of refusing it with
    PartError, what happened there and what to do.

    Raises:
        PartError: when every size is refused; what the part raised when it broke at the last.
    """
    crash = ""
    *sizes, last = (given,) if given else SIZES
    cure = "refuse such sizes when it is built: raise repcat.PartError('which sizes it takes')"
    for size in sizes:
        try:
            attempt(size)
        except PartError:
            continue
        except Exception as error:  # noqa: BLE001  (a stranger's code: try a larger one)
            why = f"at {size} voxels a side: {type(error).__name__}: {error}"
            crash = crash or f"it breaks {why}; {cure}"
        else:
            return size, crash
    attempt(last)
    return last, crash


def first_fit(
    kinds: Iterable[K], attempt: Callable[[K, int], None], given: int | None
) -> tuple[K, int, str]:
    """Return the first kind of input that a part takes, and `smallest` of it.

    Raises:
        PartError: the first kind's, when every kind is refused.
    """
    refusals: list[PartError] = []
    for kind in kinds:
        try:
            return kind, *smallest(partial(attempt, kind), given)
        except PartError as refusal:
            refusals.append(refusal)
    raise refusals[0]
