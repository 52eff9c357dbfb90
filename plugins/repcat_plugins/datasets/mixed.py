"""Real scans and phantoms in one training: few patients, and as many chests as one likes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

import torch
from annotated_types import Ge, Le
from torch import Tensor
from typing_extensions import Doc

from repcat import SPLITS, DataError, Mark, Patient, Patients, Request
from repcat_plugins.datasets.phantom.phantoms import Phantoms, thorax
from repcat_plugins.datasets.prepared import Prepared


class Mixed(Patients):
    """The patients of a prepared dataset, and phantoms to train on beside them.

    Validation and test are the dataset's own patients alone. Phantoms are drawn in its cube and
    projected in its scene, by its attenuation. `times` says how often a real patient comes for each
    time that a phantom does: with 4 patients, 128 phantoms and times = 32 half of the batches'
    places are real.
    """

    def __init__(
        self,
        request: Request,
        *,
        path: Annotated[str, Doc("directory that `repcat prepare` wrote")],
        train: Annotated[
            int, Ge(0), Le(1_000_000), Doc("real patients to train on; 0: all of them")
        ] = 0,
        phantoms: Annotated[int, Ge(1), Le(100_000), Doc("phantoms to train on")] = 128,
        times: Annotated[
            int, Ge(1), Le(100_000), Doc("times that a real patient comes to one of a phantom")
        ] = 1,
        generator: Annotated[
            Literal[1, 2], Doc("of the phantoms: 1 the bare trunk, 2 scanned as patients are")
        ] = 2,
        seed: Annotated[int, Ge(0), Le(10**18), Doc("which population of phantoms")] = 0,
    ) -> None:
        self.real = Prepared(request, path=path, train=train)
        self.geometry = self.real.geometry
        self.request, self.often = request, times
        cube = self.geometry.volume_mm[0]
        _check_cube(self.geometry.volume_mm, path)
        self.made = Phantoms(request, train=phantoms, seed=seed, cube_mm=cube, generator=generator)
        self.known = frozenset(self.made.ids("train"))
        both = {patient for split in SPLITS for patient in self.real.ids(split)} & self.known
        if both:
            msg = (
                f"the dataset {path} has a patient {min(both)!r}, as phantoms are called; prepare "
                "it with --ids number"
            )
            raise DataError(msg, code="names-of-phantoms")
        self.name = f"{self.real.name}-and-phantoms"
        facts = (self.real.fingerprint, generator, seed, phantoms, times)
        self.fingerprint = hashlib.sha256(repr(facts).encode()).hexdigest()[:16]

    def ids(self, split: str) -> tuple[str, ...]:
        """Return the real patients of a split; of the training, the phantoms after them."""
        own = self.real.ids(split)
        return (*own, *self.made.ids("train")) if split == "train" else own

    def times(self, patient: str) -> int:
        """Return how often a patient comes in an epoch."""
        return 1 if patient in self.known else self.often

    def load(self, patient: str) -> Patient:
        """Read a real patient, or render a phantom in the dataset's cube and scene."""
        if patient not in self.known:
            return self.real.load(patient)
        who = (self.made.seed, self.made.number(patient))
        cube, size = self.made.cube_mm, self.request.size
        hu, labels = thorax(*who, size, cube, self.made.generator)
        volume = torch.from_numpy(hu)
        views = self.request.views
        integrals = self.request.project(self.real.attenuate(volume), self.geometry, views)
        return Patient(patient, volume, integrals, torch.from_numpy(labels))

    def check(self, ids: Iterable[str]) -> None:
        """Hold the real patients' files against their checksums."""
        self.real.check([patient for patient in ids if patient not in self.known])

    def marks(self, split: str) -> Mapping[str, Mark]:
        """Return the marks of the real patients."""
        return self.real.marks(split)

    def content(self, patient: str) -> str:
        """Return a hash of what a patient is."""
        of = self.made if patient in self.known else self.real
        return of.content(patient)

    def attenuate(self, hu: Tensor) -> Tensor:
        """Turn HU into attenuation as the dataset was prepared."""
        return self.real.attenuate(hu)


def _check_cube(volume_mm: tuple[float, float, float], path: str) -> None:
    if not 100 <= volume_mm[0] <= 560 or max(volume_mm) - min(volume_mm) > 1e-6:
        sides = " x ".join(f"{mm:.0f}" for mm in volume_mm)
        msg = (
            f"the dataset {path} has volumes of {sides} mm; phantoms are drawn in cubes of 100 to "
            "560 mm: prepare it with --cube 400"
        )
        raise DataError(msg, code="no-cube-for-phantoms")
