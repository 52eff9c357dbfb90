"""Job of prediction: the patients of a split, written as volumes in HU with their records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from torch import Tensor

from repcat.contracts import Patients
from repcat.data.loader import PatientCache
from repcat.errors import DataError
from repcat.figures.patient import draw_patient
from repcat.inference.engine.kinds import EAGER
from repcat.inference.engine.store import FOLDER, drop_older
from repcat.inference.intervals import Interval, Intervals, plan_intervals
from repcat.inference.pipeline import overlap
from repcat.inference.predictor import Predictor, load_predictor
from repcat.io.atomic import atomic_file, os_errors_as_data_errors, sweep
from repcat.io.lock import one_writer
from repcat.io.notice import SYNTHETIC
from repcat.io.volumes import write_mha
from repcat.models.network import BOUNDS
from repcat.registry.plugins import load_parts
from repcat.runs.checkpoint import weights_hash
from repcat.runs.opened import OpenRun
from repcat.runs.prediction_record import PredictionRecord, record_path
from repcat.types import Batch, Patient

# Patients that an engine is checked on.
CHECKED = 2
Seen = tuple[Patient, Batch]


@dataclass(frozen=True, slots=True)
class Job:
    """A predictor, the hash of its weights, the patients it is to do, the folder they go to.

    `told` is what there is to say of its engine.
    """

    predictor: Predictor
    weights: str
    patients: Patients
    ids: tuple[str, ...]
    folder: Path
    told: tuple[str, ...] = ()
    intervals: Intervals | None = None


def open_job(
    path: Path,
    data: Path | None,
    split: str,
    step: int | None,
    device: str,
    engine: str = EAGER,
    *,
    raw: bool = False,
) -> Job:
    """Open a run and the patients of a split, of its own dataset or of a prepared one.

    `raw` asks for the raw quantiles of a run that is not calibrated.

    Raises:
        RepcatError: where one of them cannot be read, or the engine cannot be had here.
    """
    opened = OpenRun.of(path, load_parts(), data)
    ids = opened.ids(split)
    opened.patients.check(ids)
    predictor = load_predictor(opened, device, step)
    weights = weights_hash(opened.run.checkpoint(predictor.step))
    asked = (opened.run.path, opened.recipe, opened.patients.geometry, lambda: weights)
    intervals, why = plan_intervals(*asked, raw=raw)
    if intervals:
        _check_names(ids)
        why = why or _guarantee(intervals, opened, split)
    told: tuple[str, ...] = ()
    if engine != EAGER:
        seen, home = opened.cache.batch(ids[:CHECKED]), opened.run.path / FOLDER
        predictor, told = predictor.using(engine, seen, home, weights, len(ids))
        drop_older(home, [weights_hash(opened.run.checkpoint(n)) for n in opened.run.steps()])
    places = (opened.patients, ids, opened.predictions)
    return Job(predictor, weights, *places, (*[why] * bool(why), *told), intervals)


def _guarantee(intervals: Intervals, opened: OpenRun, split: str) -> str:
    """Say what the intervals promise of these patients."""
    known = intervals.calibration
    if known and known.fingerprint != opened.patients.fingerprint:
        return f"intervals: no guarantee: calibrated on {known.dataset}, other patients than these"
    if known and split == "train":
        return "intervals: no guarantee: the run was trained on these patients"
    return f"intervals: {intervals.promise}"


def _check_names(ids: tuple[str, ...]) -> None:
    """Refuse ids whose volumes would be another's interval."""
    known = set(ids)
    if taken := [i for i in ids if any(f"{i}.{side}" in known for side in BOUNDS)]:
        msg = f"patients {taken[0]!r} and '{taken[0]}.lower' cannot both have files; rename one"
        raise DataError(msg, code="ids-meet")


def write_all(job: Job, pictures: int = 0) -> Iterator[str]:
    """Predict and write each patient, yielding its id when its files are whole.

    The first `pictures` patients are drawn too, X-rays, truth and prediction: <id>.png. The next
    patient is read and the last one written while one is computed.
    """
    with one_writer(job.folder):
        sweep(job.folder)
        cache, drawn = PatientCache(job.patients, job.predictor.recipe), job.ids[:pictures]

        def read(patient_id: str) -> Seen:
            patient = job.patients.load(patient_id)
            return patient, cache.of(patient)

        def compute(seen: Seen) -> tuple[Seen, Tensor]:
            return seen, job.predictor.reading(seen[1])[0]

        def write(made: tuple[Seen, Tensor]) -> None:
            (patient, batch), reading = made
            plan, views = job.intervals, len(batch.views)
            _write(job, patient, reading[0], plan.of(reading, views) if plan else None)
            if patient.id in drawn:
                _draw(job, patient, batch, reading[0])

        yield from overlap(job.ids, read, compute, write)


def _draw(job: Job, patient: Patient, batch: Batch, hu: Tensor) -> None:
    draw_patient(
        job.folder / f"{patient.id}.png",
        batch.xrays[0],
        {"truth": patient.volume.float(), "prediction": hu},
        title=f"{patient.id} of {job.patients.name}, step {job.predictor.step}",
        views=[str(view) for view in batch.views],
    )


def _write(job: Job, patient: Patient, hu: Tensor, interval: Interval | None) -> None:
    """Write <id>.npy (HU as float32), <id>.mha (int16, in the scanner's place) and their record.

    With an interval also <id>.lower.mha and <id>.upper.mha; else those of before go. The record
    goes first and comes last: a kill leaves no volume that claims another's.
    """
    volume, by = job.folder / f"{patient.id}.npy", job.predictor
    with os_errors_as_data_errors(volume):
        record_path(volume).unlink(missing_ok=True)
        for side in BOUNDS:
            volume.with_suffix(f".{side}.mha").unlink(missing_ok=True)
    with atomic_file(volume) as file:
        np.save(file, hu.numpy(), allow_pickle=False)
    place = (job.patients.geometry.voxel_mm, patient.centre_mm)
    write_mha(volume.with_suffix(".mha"), hu, *place, SYNTHETIC)
    if interval:
        for side, bound in interval.sides.items():
            write_mha(volume.with_suffix(f".{side}.mha"), bound, *place, interval.note(side))
    about = (job.patients, patient.id, by.recipe.views, by.step, job.weights, volume, by.made_by)
    made = PredictionRecord.of(*about)
    if interval:
        figures = {name: list(span) for name, span in interval.figures.items()}
        made = replace(made, interval=interval.said, figures=figures)
    made.write(volume)
