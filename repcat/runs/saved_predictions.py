"""Saved predictions: the volumes of a run on a dataset, none of them of anything else."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from repcat.contracts import Patients
from repcat.errors import RunError
from repcat.io.atomic import os_errors_as_data_errors
from repcat.runs.checkpoint import weights_hash
from repcat.runs.prediction_record import FILES, Fault, PredictionRecord, same_scan
from repcat.runs.run import Run
from repcat.view import View


@dataclass(frozen=True, slots=True)
class SavedPredictions:
    """Volumes by patient, with their records: of one step and engine, of patients as they are."""

    files: Mapping[str, Path]
    records: Mapping[str, PredictionRecord]

    @property
    def step(self) -> int:
        """The step whose weights predicted them."""
        return next(iter(self.records.values())).step

    @property
    def engine(self) -> str:
        """What computed them, with its version."""
        return next(iter(self.records.values())).engine

    @property
    def weights(self) -> dict[str, str]:
        """The hash of those weights, by step."""
        return {str(self.step): next(iter(self.records.values())).weights}

    @property
    def volumes(self) -> dict[str, str]:
        """The hash of each volume, by patient."""
        return {patient: record.volume for patient, record in self.records.items()}

    @property
    def have_intervals(self) -> bool:
        """Whether each has a lower and an upper volume."""
        return all(record.has_interval for record in self.records.values())

    @property
    def promises(self) -> list[str]:
        """What the intervals promise, each once."""
        return list(dict.fromkeys(record.interval for record in self.records.values()))


def check_belonging(
    run: Run,
    patients: Patients,
    views: Sequence[View],
    files: Mapping[str, Path],
    cure: str,
) -> SavedPredictions:
    """Return volumes that are of these patients, by one step of this run as it is now.

    Raises:
        RunError: naming the first that does not belong, with `cure`, the command that mends it.
    """
    records = {}
    for patient, file in files.items():
        record = PredictionRecord.read(file)
        if record is None or record.patient != patient:
            words = "has no record of what it is of: an older repcat or a kill left it"
            _refuse(file, Fault("no-record", words), cure)
        if fault := record.fault(patients, views):
            _refuse(file, fault, cure)
        for changed, fault in record.byte_faults(file):
            _refuse(changed, fault, cure)
        records[patient] = record
    _check_one_step(run, records.values(), next(iter(files.values())).parent, cure)
    return SavedPredictions(files, records)


def weights_fault(run: Run, weights: Mapping[str, str]) -> Fault | None:
    """Say why a run as it is now cannot have given what weights (step: hash) gave.

    A checkpoint that was deleted contradicts nothing.
    """
    steps = run.steps()
    for step, known in ((int(step), known) for step, known in weights.items()):
        if steps and step > steps[-1]:
            return Fault("other-weights", f"is of step {step}, where the run is at {steps[-1]}")
        if step in steps and weights_hash(run.checkpoint(step)) != known:
            return Fault("other-weights", f"is of older weights than step {step} has now")
    return None


def step_words(run: Run, step: int | None) -> str:
    """Say of which step something is, where that is not the run's last; else nothing."""
    last = max(run.steps(), default=step)
    return "" if step in (None, last) else f"step {step} of {last}"


def engine_words(engine: str) -> str:
    """Say what computed something, where that is not torch itself; else nothing."""
    return "" if engine == "eager" else f"by {engine}"


def drop_others(folder: Path, patients: Patients) -> int:
    """Delete volumes of another dataset of the same name, to make place; return how many."""
    count = 0
    for path in sorted(folder.glob("*.json")):
        record = PredictionRecord.read(path)
        if record and not same_scan(patients, record.patient, record.content):
            for kind in (*FILES, ".png", ".json"):
                with os_errors_as_data_errors(path):
                    path.with_suffix(kind).unlink(missing_ok=True)
            count += 1
    return count


def _check_one_step(
    run: Run, records: Collection[PredictionRecord], folder: Path, cure: str
) -> None:
    made_by = sorted({(record.step, record.weights) for record in records})
    if len(made_by) > 1:
        steps = " and ".join(dict.fromkeys(str(step) for step, _ in made_by))
        words = f"mixes volumes of different weights (step {steps})"
        _refuse(folder, Fault("mixed-steps", words), cure)
    engines = sorted({record.engine for record in records})
    if len(engines) > 1:
        words = f"mixes volumes of different engines ({' and '.join(engines)})"
        _refuse(folder, Fault("mixed-engines", words), cure)
    if fault := weights_fault(run, {str(step): weights for step, weights in made_by}):
        _refuse(folder, fault, cure)


def _refuse(what: Path, fault: Fault, cure: str) -> NoReturn:
    msg = f"{what} {fault.words}; run: {cure}"
    raise RunError(msg, code=fault.code)
