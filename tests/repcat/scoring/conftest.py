"""A dataset of blocks and a projector of sums: exact answers without waiting."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from repcat import Geometry, Patient, Patients, Request, View, attenuation, preset

VIEWS = (View(0), View(90))


def _sums(mu: Tensor, geometry: Geometry, views: tuple[View, ...]) -> Tensor:
    return torch.stack((mu.sum(1), mu.sum(2))) * geometry.voxel_mm[0]


class Blocks(Patients):
    """Blocks of 40 HU in air with a piece of bone; patient k is 2 k voxels wider."""

    name, fingerprint, note = "blocks", "0", "blocks, no patients"
    splits = {"train": ("p0", "p1"), "test": ("p2", "p3", "p4")}  # noqa: RUF012

    def __init__(self, request: Request | None = None) -> None:
        self.request = request or Request(16, VIEWS, _sums)
        self.geometry = preset("parallel", size=self.request.size, cube_mm=120.0)

    def ids(self, split: str) -> tuple[str, ...]:
        return self.splits.get(split, ())

    def load(self, patient: str) -> Patient:
        k = int(patient[1:])
        hu = torch.full((16, 16, 16), -1000.0)
        hu[2:14, 6 - k : 10 + k, 3:13] = 40.0
        hu[6:8, 7:9, 5:7] = 700.0
        integrals = self.request.project(attenuation(hu), self.geometry, self.request.views)
        return Patient(patient, hu.short(), integrals)


@pytest.fixture
def blocks() -> type[Blocks]:
    """Return the dataset's class: two patients to train on, three to test."""
    return Blocks


@pytest.fixture
def sums():
    """Return a projector of parallel rays along y and x."""
    return _sums
