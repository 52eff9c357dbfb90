"""Prediction record: what a predicted volume is of, <id>.json beside <id>.npy."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import torch

from repcat.contracts import Patients
from repcat.errors import RepcatError
from repcat.io.checksums import file_hash
from repcat.io.json_record import read_json_record, write_json_record
from repcat.version import __version__
from repcat.view import View

BOUNDS = (".lower.mha", ".upper.mha")
FILES = (".npy", ".mha", *BOUNDS)


class Fault(NamedTuple):
    """Why a file is not what it is taken for: an error's code, and words that follow its name."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class PredictionRecord:
    """What was predicted of what, by which weights.

    `content` is the patient's (`Patients.content`), `fingerprint` the dataset's, `weights` that of
    the checkpoint of `step` (`weights_hash`), `files` the SHA-256 of .npy, .mha and, where there is
    an interval, .lower.mha and .upper.mha, by suffix; `interval` says what it promises, `figures`
    are those of organs with their lowest and highest; `threads` those of the processor (0: not
    kept); `engine` what computed the backbone, with its version ("eager": torch itself).
    """

    patient: str
    dataset: str
    fingerprint: str
    content: str
    geometry: dict[str, Any]
    views: list[str]
    step: int
    weights: str
    files: dict[str, str]
    threads: int = 0
    engine: str = "eager"
    interval: str = ""
    figures: dict[str, Any] = field(default_factory=dict)
    repcat: str = __version__

    @classmethod
    def of(
        cls,
        patients: Patients,
        patient: str,
        views: Sequence[View],
        step: int,
        weights: str,
        volume: Path,
        engine: str = "eager",
    ) -> PredictionRecord:
        """Say what the volume of a dataset's patient is of, once its files are written."""
        files = {suffix: volume.with_suffix(suffix) for suffix in FILES}
        return cls(
            patient=patient,
            dataset=patients.name,
            fingerprint=patients.fingerprint,
            content=patients.content(patient),
            geometry=scene_of(patients),
            views=[str(view) for view in views],
            step=step,
            weights=weights,
            files={suffix: file_hash(file) for suffix, file in files.items() if file.is_file()},
            threads=torch.get_num_threads(),
            engine=engine,
        )

    @classmethod
    def read(cls, volume: Path) -> PredictionRecord | None:
        """Read the record of a volume; None where there is none to read."""
        return read_json_record(cls, record_path(volume))

    def write(self, volume: Path) -> None:
        """Write the record beside its volume."""
        write_json_record(record_path(volume), self)

    @property
    def has_interval(self) -> bool:
        """Whether a lower and an upper volume were written with it."""
        return all(suffix in self.files for suffix in BOUNDS)

    @property
    def volume(self) -> str:
        """The SHA-256 of the .npy."""
        return self.files.get(".npy", "")

    def byte_faults(self, volume: Path) -> Iterator[tuple[Path, Fault]]:
        """Yield the files of a volume whose bytes are not those that were written.

        One that was deleted is missed where it is read.
        """
        for suffix in FILES:
            file = volume.with_suffix(suffix)
            fault = byte_fault(file, self.files.get(suffix, ""))
            if fault and file.exists():
                yield file, fault

    def fault(self, patients: Patients, views: Sequence[View]) -> Fault | None:
        """Say why this is not of the dataset's patient in these views; None where it is."""
        now = f"than {patients.name} has now"
        if self.geometry != scene_of(patients):
            return Fault("other-geometry", f"is in another geometry {now}")
        if self.views != [str(view) for view in views]:
            return Fault("other-views", f"is of views at {', '.join(self.views)} degrees")
        if not same_scan(patients, self.patient, self.content):
            why = "another dataset of this name, or prepared again"
            return Fault("other-scan", f"is of another scan {now} under this id ({why})")
        return None


def record_path(volume: Path) -> Path:
    """Return where the record of a volume lies."""
    return volume.with_suffix(".json")


def scene_of(patients: Patients) -> dict[str, Any]:
    """Return a dataset's geometry as JSON gives it back."""
    scene: dict[str, Any] = json.loads(json.dumps(patients.geometry.to_dict()))
    return scene


def byte_fault(file: Path, known: str) -> Fault | None:
    """Say why a file's bytes are not those that were written; None where they are."""
    try:
        same = file_hash(file) == known
    except OSError as error:
        return Fault("file-unreadable", f"cannot be read ({error.strerror})")
    return None if same else Fault("file-changed", "was changed after it was written")


def same_scan(patients: Patients, patient: str, content: str) -> bool:
    """Whether a dataset has this patient with this content."""
    try:
        return patients.content(patient) == content
    except (RepcatError, LookupError, OSError, ValueError):
        return False
