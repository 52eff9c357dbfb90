"""Predictor: a trained run's network, and volumes in HU of a dataset's patients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from repcat.config.recipe import Recipe
from repcat.contracts import Patients
from repcat.data.loader import PatientCache
from repcat.errors import RunError
from repcat.figures.patient import draw_patient
from repcat.io.atomic import atomic_file, os_errors_as_data_errors, sweep
from repcat.io.lock import one_writer
from repcat.io.notice import SYNTHETIC
from repcat.io.volumes import write_mha
from repcat.models.build import build_network, make_task
from repcat.models.ema import use_average
from repcat.models.network import Network
from repcat.registry.parts import Parts
from repcat.registry.plugins import load_parts
from repcat.runs.checkpoint import PREDICTING, State, weights_hash
from repcat.runs.opened import OpenRun
from repcat.runs.prediction_record import PredictionRecord, record_path
from repcat.types import Batch, Patient, Task


@dataclass(frozen=True, slots=True)
class Predictor:
    """A network that is ready: which weights it has, and at which step they were saved."""

    network: Network
    recipe: Recipe
    device: str
    step: int
    averaged: bool

    @torch.no_grad()
    def volume(self, batch: Batch) -> Tensor:
        """Predict volumes (B, D, H, W) in HU, clipped to the recipe's window.

        A model trained with data.volume = 'minmax' knows no HU; its [0, 1] is read by the window.
        """
        half = self.recipe.train.precision == "bf16"
        with torch.autocast(self.device.split(":")[0], torch.bfloat16, half):
            unit = self.network(batch.to(self.device)).volume
        return self.recipe.window.to_hu(unit.float().clamp(0, 1))[:, 0].cpu()


@dataclass(frozen=True, slots=True)
class Job:
    """A predictor, the hash of its weights, the patients it is to do, the folder they go to."""

    predictor: Predictor
    weights: str
    patients: Patients
    ids: tuple[str, ...]
    folder: Path


def open_job(path: Path, data: Path | None, split: str, step: int | None, device: str) -> Job:
    """Open a run and the patients of a split, of its own dataset or of a prepared one."""
    opened = OpenRun.of(path, load_parts(), data)
    ids = opened.ids(split)
    opened.patients.check(ids)
    predictor = load_predictor(opened, device, step)
    weights = weights_hash(opened.run.checkpoint(predictor.step))
    return Job(predictor, weights, opened.patients, ids, opened.predictions)


def load_predictor(opened: OpenRun, device: str, step: int | None = None) -> Predictor:
    """Load a run's network with its averaged weights where it has any."""
    task = make_task(opened.recipe, opened.patients, opened.parts)
    state = opened.run.load(step, PREDICTING)
    return fill_predictor(opened.run.path, state, opened.recipe, task, opened.parts, device)


def fill_predictor(
    path: Path, state: State, recipe: Recipe, task: Task, parts: Parts, device: str
) -> Predictor:
    """Build a recipe's network for a task and fill it with the weights of a state."""
    network = build_network(recipe, task, parts)
    average = state.tensors.get("average")
    try:
        network.load_state_dict(state.tensors["model"])
        if average:
            use_average(network, average)
    except (KeyError, RuntimeError):
        msg = (
            f"the checkpoint of step {state.values.get('step')} in {path} does not fit its "
            "recipe.toml: one of the two is from another run; train again or restore the pair"
        )
        raise RunError(msg, code="other-weights") from None
    network.to(device).eval()
    return Predictor(network, recipe, device, int(state.values["step"]), average is not None)


def write_all(job: Job, pictures: int = 0) -> Iterator[str]:
    """Predict and write each patient, yielding its id when its files are whole.

    The first `pictures` patients are drawn too, X-rays, truth and prediction: <id>.png.
    """
    with one_writer(job.folder):
        sweep(job.folder)
        cache = PatientCache(job.patients, job.predictor.recipe)
        for number, patient_id in enumerate(job.ids):
            patient = job.patients.load(patient_id)
            batch = cache.of(patient)
            hu = job.predictor.volume(batch)[0]
            _write(job, patient, hu)
            if number < pictures:
                _draw(job, patient, batch, hu)
            yield patient_id


def _draw(job: Job, patient: Patient, batch: Batch, hu: Tensor) -> None:
    draw_patient(
        job.folder / f"{patient.id}.png",
        batch.xrays[0],
        {"truth": patient.volume.float(), "prediction": hu},
        title=f"{patient.id} of {job.patients.name}, step {job.predictor.step}",
        views=[str(view) for view in batch.views],
    )


def _write(job: Job, patient: Patient, hu: Tensor) -> None:
    """Write <id>.npy (HU as float32), <id>.mha (int16, in the scanner's place) and their record.

    The record goes first and comes last: a kill leaves no volume that claims another's.
    """
    volume, by = job.folder / f"{patient.id}.npy", job.predictor
    with os_errors_as_data_errors(volume):
        record_path(volume).unlink(missing_ok=True)
    with atomic_file(volume) as file:
        np.save(file, hu.numpy(), allow_pickle=False)
    spacing = job.patients.geometry.voxel_mm
    write_mha(volume.with_suffix(".mha"), hu, spacing, patient.centre_mm, SYNTHETIC)
    about = (job.patients, patient.id, by.recipe.views, by.step, job.weights, volume)
    PredictionRecord.of(*about).write(volume)
