"""Each rule of datasets catches the part that breaks it."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
import torch

from repcat import Patient, Patients, Request, preset, seeded
from repcat.errors import DataError
from repcat.testing import check_dataset


class Sound(Patients):
    """A box a patient; the broken ones below differ in one thing."""

    name = "boxes"
    fingerprint = "boxes-1"

    def __init__(self, request: Request) -> None:
        self.request = request
        self.geometry = preset("default", size=request.size, cube_mm=320.0)

    def ids(self, split: str) -> tuple[str, ...]:
        return (f"{split}-0", f"{split}-1")

    def load(self, patient: str) -> Patient:
        if not patient.endswith(("-0", "-1")):
            raise DataError("there are train-0 and train-1")
        volume = torch.full((self.request.size,) * 3, -1000.0)
        with seeded(patient):
            volume[2:-6, 3:-5, 3:-7] = 40 + 10 * torch.rand(())
        project = self.request.project
        integrals = project(self.attenuate(volume), self.geometry, self.request.views)
        return Patient(patient, volume, integrals)


class Leaks(Sound):
    """Have a patient in two splits."""

    def ids(self, split: str) -> tuple[str, ...]:
        return ("p-0", f"{split}-1")


class Climbs(Sound):
    """Name a patient by a path."""

    def ids(self, split: str) -> tuple[str, ...]:
        return (f"../{split}-0", f"{split}-1")


class Small(Sound):
    """Give another size than was asked."""

    def load(self, patient: str) -> Patient:
        found = super().load(patient)
        return replace(found, volume=found.volume[::2, ::2, ::2])


class Units(Sound):
    """Give volumes in [0, 1e6]."""

    def load(self, patient: str) -> Patient:
        found = super().load(patient)
        return replace(found, volume=(found.volume + 1000) * 1000)


class FootFirst(Sound):
    """Give volumes upside down."""

    def load(self, patient: str) -> Patient:
        found = super().load(patient)
        return replace(found, volume=found.volume.flip(0))


class RightLeft(Sound):
    """Give volumes in RAS, as NIfTI files have them."""

    def load(self, patient: str) -> Patient:
        found = super().load(patient)
        return replace(found, volume=found.volume.flip(1, 2))


class Chance(Sound):
    """Draw a patient anew each time."""

    def load(self, patient: str) -> Patient:
        found = super().load(patient)
        return replace(found, volume=found.volume + torch.rand(()))


class Fresh(Sound):
    """Have another fingerprint each time."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.fingerprint = str(time.perf_counter_ns())


class Anybody(Sound):
    """Load whoever is asked for."""

    def load(self, patient: str) -> Patient:
        return super().load(f"{patient}-0")


class Alike(Sound):
    """Call all patients one."""

    def content(self, patient: str) -> str:
        return self.name


BROKEN = {
    Alike: ("tells patients apart", "hash each alone"),
    Leaks: ("keeps splits apart", "is there twice"),
    Climbs: ("names its patients safely", "cannot name a patient's files"),
    Small: ("loads what was requested", "the request asks for"),
    Units: ("loads what was requested", "cannot be HU"),
    FootFirst: ("shows patients as its geometry says", "turned over"),
    RightLeft: ("shows patients as its geometry says", "turned over"),
    Chance: ("loads the same twice", "seed by his id"),
    Fresh: ("has a name and a fingerprint", "opened twice"),
    Anybody: ("refuses what it has not", "that it has not"),
}


def test_a_sound_part_keeps_to_every_rule() -> None:
    check_dataset(Sound)


@pytest.mark.parametrize("part", BROKEN, ids=lambda p: p.__name__)
def test_a_broken_rule_is_named_with_its_cure(part: type[Sound]) -> None:
    rule, why = BROKEN[part]
    with pytest.raises(AssertionError, match=f"FAILS: {rule}: .*{why}"):
        check_dataset(part)
