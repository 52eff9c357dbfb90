"""A dataset for repcat: my_part."""

from __future__ import annotations

from typing import Annotated

import torch
from annotated_types import Ge
from typing_extensions import Doc

import repcat

EDGE_MM = 320.0


class MyPart(repcat.Patients):
    """Patients that are a ball of tissue each, somewhere in air."""

    name = "my_part"
    note = "balls, not patients"

    def __init__(
        self,
        request: repcat.Request,
        *,
        count: Annotated[int, Ge(1), Doc("patients of each split")] = 8,
        seed: Annotated[int, Ge(0), Doc("which patients; those of two seeds have no link")] = 0,
    ) -> None:
        self.request, self.count, self.seed = request, count, seed
        self.geometry = repcat.preset("default", size=request.size, cube_mm=EDGE_MM)
        self.fingerprint = f"my_part-1-{seed}-{count}"

    def ids(self, split: str) -> tuple[str, ...]:
        """Return 'train-0' and so on."""
        return tuple(f"{split}-{n}" for n in range(self.count))

    def load(self, patient: str) -> repcat.Patient:
        """Draw a ball and project it."""
        if not any(patient in self.ids(split) for split in repcat.SPLITS):
            msg = f"no patient is called {patient!r}; there are train-0 to test-{self.count - 1}"
            raise repcat.DataError(msg)
        with repcat.seeded(self.seed, patient):
            centre, radius = (torch.rand(3) - 0.5) * EDGE_MM / 2, 20 + 40 * torch.rand(())
        far = (self.geometry.voxel_centres() - centre).norm(dim=-1)
        volume = torch.where(far < radius, 40.0, -1000.0)
        mu = self.attenuate(volume)
        integrals = self.request.project(mu, self.geometry, self.request.views)
        return repcat.Patient(patient, volume, integrals)


@repcat.hookimpl
def repcat_register(parts: repcat.Parts) -> None:
    """Add the dataset under the name that a recipe knows it by."""
    parts.datasets.add("my_part", MyPart)
