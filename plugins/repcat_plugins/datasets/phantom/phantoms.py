"""The embedded dataset: a population of procedural chests that needs no download."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Literal

import torch
from annotated_types import Ge, Le
from typing_extensions import Doc

import repcat
from repcat_plugins.datasets.phantom.thorax import LABELS, thorax

# Raise when the same generator, seed and index give other voxels.
GENERATORS = {1: "thorax 1", 2: "thorax 2"}

# Each split has numbers of its own, so that a count changes nobody but the last.
FIRST = {"train": 0, "validation": 100_000, "test": 200_000}
LARGEST = 512
Count = Annotated[int, Ge(1), Le(100_000)]


class Phantoms(repcat.Patients):
    """Procedural chests with X-rays and organ labels, each a function of seed and number.

    Volumes are HU at least -1000; labels are numbered as LABELS says. Patients differ in size,
    sex, pose, breath, heart, spine and disease far more than in texture, so that two views tell
    much more than the mean patient does. Arms, table and the ends of a scan are left out unless
    `generator` is 2.
    """

    name = "phantoms"
    note = "procedural phantoms, not patients"

    def __init__(
        self,
        request: repcat.Request,
        *,
        train: Annotated[Count, Doc("patients to train on")] = 128,
        validation: Annotated[Count, Doc("patients to watch the training by")] = 16,
        test: Annotated[Count, Doc("patients held out for the scores")] = 40,
        seed: Annotated[
            int, Ge(0), Le(10**18), Doc("which population; patients of two have no link")
        ] = 0,
        cube_mm: Annotated[float, Ge(100), Le(560), Doc("edge of the volume in mm")] = 400.0,
        geometry: Annotated[
            Literal["default", "x2ct", "parallel", "film"],
            Doc("scene: all but 'parallel' are cone beams, see repcat.preset"),
        ] = "default",
        generator: Annotated[
            Literal[1, 2],
            Doc("1: the bare trunk; 2: scanned, with ends, table, arms, grain and disease"),
        ] = 1,
    ) -> None:
        if request.size > LARGEST:
            msg = (
                f"phantoms are drawn with {LARGEST} voxels a side at most, they have no finer "
                f"detail; lower data.size, which is {request.size}"
            )
            raise repcat.PartError(msg, code="too-large")
        self.request, self.seed, self.cube_mm = request, seed, cube_mm
        self.geometry = repcat.preset(geometry, size=request.size, cube_mm=cube_mm)
        self.generator = generator
        self.counts = {"train": train, "validation": validation, "test": test}
        self.fingerprint = self._fingerprint()

    def ids(self, split: str) -> tuple[str, ...]:
        """Return 'phantom-00000' and so on; a larger count adds to the end of a split."""
        if split not in self.counts:
            msg = f"phantoms have no split {split!r}; there are {', '.join(self.counts)}"
            raise repcat.DataError(msg)
        first = FIRST[split]
        return tuple(f"phantom-{n:05d}" for n in range(first, first + self.counts[split]))

    def load(self, patient: str) -> repcat.Patient:
        """Render a patient and project it; `repcat bench load` times that."""
        who = (self.seed, self.number(patient))
        hu, labels = thorax(*who, self.request.size, self.cube_mm, self.generator)
        volume = torch.from_numpy(hu)
        integrals = self.request.project(
            repcat.attenuation(volume), self.geometry, self.request.views
        )
        return repcat.Patient(patient, volume, integrals, torch.from_numpy(labels))

    def content(self, patient: str) -> str:
        """Return a hash of what a patient follows from, however many there are beside him."""
        facts = (GENERATORS[self.generator], self.seed, self.cube_mm, self.number(patient))
        return hashlib.sha256(repr(facts).encode()).hexdigest()

    def number(self, patient: str) -> int:
        """Return the number that a phantom is drawn by; DataError where there is none."""
        digits = patient.removeprefix("phantom-")
        number = int(digits) if digits.isascii() and digits.isdigit() else -1
        known = any(0 <= number - FIRST[s] < count for s, count in self.counts.items())
        if not known or patient != f"phantom-{number:05d}":
            ranges = ", ".join(f"{s} {self.ids(s)[0]} to {self.ids(s)[-1]}" for s in self.counts)
            msg = f"no phantom is called {patient!r}; there are {ranges}"
            raise repcat.DataError(msg)
        return number

    def _fingerprint(self) -> str:
        """Hash all that the voxels and the X-rays follow from, the projector left out."""
        facts = {
            "generator": GENERATORS[self.generator],
            "seed": self.seed,
            "counts": self.counts,
            "geometry": self.geometry.to_dict(),
            "views": [str(view) for view in self.request.views],
        }
        text = json.dumps(facts, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


__all__ = ["LABELS", "Phantoms", "thorax"]
