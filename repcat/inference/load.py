"""Load a run, or a folder that was exported from one, for X-rays of one's own."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import partial
from pathlib import Path

from repcat import device as devices
from repcat.config.recipe import Recipe
from repcat.data.loader import PatientCache
from repcat.errors import DataError, RepcatError, RunError
from repcat.inference.case import Origin
from repcat.inference.exported import GEOMETRY, is_exported, model_hash, read_exported
from repcat.inference.installed import find_model
from repcat.inference.intervals import plan_intervals
from repcat.inference.predictor import Predictor, fill_predictor
from repcat.inference.reconstructor import Reconstructor
from repcat.models.build import make_projector, open_training, task_in
from repcat.radiographs import training_reference as training
from repcat.radiographs.training_reference import FILE, TrainingReference
from repcat.registry.parts import Parts
from repcat.registry.plugins import load_parts
from repcat.runs.checkpoint import PREDICTING
from repcat.runs.run import Run

Opened = tuple[Predictor, TrainingReference]


def load(
    path: Path | str,
    *,
    step: int | None = None,
    device: str = "auto",
    uncalibrated: bool = False,
) -> Reconstructor:
    """Load a run for films of one's own: `repcat.load("runs/x").reconstruct(files, views)`.

    `path` is a run's folder, one that `repcat export` wrote, or the name of an installed model
    (`repcat models`). `step` chooses a checkpoint, the
    last by default. A case has a lower and an upper volume where the run learnt quantiles and is
    calibrated (`repcat calibrate`), with `uncalibrated` also where it is not: its raw quantiles.

    Raises:
        RunError: when it is neither, or does not fit its recipe, or has no quantiles to give.
        DataError: when a file of an exported folder is missing, damaged or another model's.
    """
    path, parts, on = find_model(Path(path)), load_parts(), devices.choose(device)
    if not path.exists():
        msg = (
            f"{path} is no run and no installed model: `repcat train` makes a run, `repcat models` "
            "lists the models"
        )
        raise RunError(msg, code="not-a-run")
    run, open_it = (Run(path), _of_export) if is_exported(path) else (Run.open(path), _of_run)
    predictor, reference = open_it(run, parts, on, step)
    projector = make_projector(predictor.recipe, parts)
    digest = hashlib.sha256(run.recipe_file.read_bytes()).hexdigest()
    origin = Origin(run.path, digest, predictor.step, reference.dataset)
    asked = (path, predictor.recipe, reference.geometry)
    plan = plan_intervals(*asked, partial(model_hash, path, predictor.step), raw=uncalibrated)
    return Reconstructor(predictor, reference, projector, origin, *plan)


def _of_run(run: Run, parts: Parts, device: str, step: int | None) -> Opened:
    recipe, state = run.recipe(parts), run.load(step, PREDICTING)
    reference = find_reference(run, recipe, parts)
    task = task_in(recipe, reference.geometry, parts, reference.attenuate)
    return fill_predictor(run.path, state, recipe, task, parts, device), reference


def _of_export(run: Run, parts: Parts, device: str, step: int | None) -> Opened:
    """Open an exported folder, whose files must be about one scene."""
    model = read_exported(run.path, parts)
    if step not in (None, model.step):
        msg = f"{run.path} is an exported model of step {model.step}; it has no step {step}"
        raise RunError(msg, code="no-such-step")
    reference = find_reference(run, model.recipe, parts)
    if reference.geometry != model.geometry:
        msg = (
            f"{run.path / FILE} and {GEOMETRY} beside it are about other geometries: one of them "
            "is another model's; export the run again"
        )
        raise DataError(msg, code="other-geometry")
    return Predictor(model.network.to(device), model.recipe, device, model.step, False), reference


def find_reference(run: Run, recipe: Recipe, parts: Parts) -> TrainingReference:
    """Read what a run's training X-rays are like, or look at them again and keep it.

    Raises:
        RunError: when the run has none and its dataset is not there.
    """
    if found := training.read_reference(run.path, recipe.bank):
        return found
    try:
        patients = open_training(recipe, parts)
        made = training.fit_reference(PatientCache(patients, recipe, recipe.bank))
    except RepcatError as error:
        msg = (
            f"{run.path} has no {FILE}, which says what its training X-rays are like, and its "
            f"dataset is not there to make it from ({error}); take the file along with the run; "
            "docs/messages.md#what-the-x-rays-were-like"
        )
        raise RunError(msg, code="what-the-x-rays-were-like") from None
    with suppress(DataError):  # a run that may only be read
        made.write(run.path)
    return made
