"""Score record: what a table of scores is of, <table>.json beside <table>.csv."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from repcat.contracts import Patients
from repcat.io.checksums import file_hash
from repcat.io.json_record import read_json_record, write_json_record
from repcat.runs.opened import OpenRun
from repcat.runs.prediction_record import Fault, byte_fault, same_scan, scene_of
from repcat.runs.run import Run
from repcat.runs.saved_predictions import weights_fault
from repcat.scoring.summary import Header
from repcat.version import __version__


@dataclass(frozen=True, slots=True)
class ScoreRecord:
    """What was scored, on whom, by which weights.

    `weights` are hashes by step; `contents` those of patients; `volumes` those of the predictions
    that were read, none where a measure predicts by itself; `training` is the fingerprint of the
    dataset that baselines come from; `table` the SHA-256 of the CSV; `threads` those of the
    processor; `engine` is what predicted the volumes, with its version.
    """

    dataset: str
    fingerprint: str
    training: str
    geometry: dict[str, Any]
    views: list[str]
    weights: dict[str, str]
    contents: dict[str, str]
    volumes: dict[str, str]
    split: str = ""
    protocol: str = ""
    table: str = ""
    threads: int = 0
    engine: str = "eager"
    repcat: str = __version__

    @classmethod
    def of(
        cls,
        opened: OpenRun,
        ids: Iterable[str],
        weights: Mapping[str, str],
        volumes: Mapping[str, str] | None = None,
        training: str = "",
        engine: str = "eager",
    ) -> ScoreRecord:
        """Say what is about to be scored; `write` adds the table."""
        patients = opened.patients
        return cls(
            dataset=patients.name,
            fingerprint=patients.fingerprint,
            training=training,
            geometry=scene_of(patients),
            views=[str(view) for view in opened.recipe.views],
            weights=dict(weights),
            contents={patient: patients.content(patient) for patient in ids},
            volumes=dict(volumes or {}),
            threads=torch.get_num_threads(),
            engine=engine,
        )

    @classmethod
    def read(cls, table: Path) -> ScoreRecord | None:
        """Read the record of a table; None where there is none to read."""
        found = read_json_record(cls, score_record_path(table))
        return found if found and all(step.isdecimal() for step in found.weights) else None

    def write(self, table: Path, head: Header) -> None:
        """Write the record beside its table, which is whole."""
        made = replace(self, split=head.split, protocol=head.protocol, table=file_hash(table))
        write_json_record(score_record_path(table), made)

    @property
    def step(self) -> int | None:
        """The step that was scored; None where there are several."""
        return int(next(iter(self.weights))) if len(self.weights) == 1 else None

    def fault(self, run: Run, table: Path) -> Fault | None:
        """Say why a run as it is now has not these scores; None where it has."""
        return byte_fault(table, self.table) or weights_fault(run, self.weights)

    def is_of(self, patients: Patients) -> bool:
        """Whether these scores are of patients of this dataset, as they are now."""
        if self.geometry != scene_of(patients):
            return False
        same = self.fingerprint == patients.fingerprint
        return same or all(same_scan(patients, p, c) for p, c in self.contents.items())


def score_record_path(table: Path) -> Path:
    """Return where the record of a table lies."""
    return table.with_suffix(".json")
