"""A run, or a folder that was exported from one, to something that reconstructs."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from repcat import device as devices
from repcat.config.recipe import Recipe
from repcat.data.loader import PatientCache
from repcat.errors import DataError, RepcatError, RunError
from repcat.inference.case import Origin
from repcat.inference.predictor import fill_predictor
from repcat.inference.reconstructor import Reconstructor
from repcat.models.build import make_projector, open_patients, task_in
from repcat.radiographs.training_reference import (
    FILE,
    TrainingReference,
    fit_reference,
    read_reference,
)
from repcat.registry.parts import Parts
from repcat.registry.plugins import load_parts
from repcat.runs.run import Run, State

WEIGHTS = "model.safetensors"


def load(path: Path | str, *, step: int | None = None, device: str = "auto") -> Reconstructor:
    """Load a run for films of one's own: `repcat.load("runs/x").reconstruct(files, views)`.

    `path` is a run's folder, or one with `model.safetensors` and `recipe.toml` as `repcat export`
    writes it. `step` chooses a checkpoint, the last by default.

    Raises:
        RunError: when it is neither, or does not fit its recipe.
    """
    parts, run = load_parts(), Run.open(Path(path))
    recipe = run.recipe(parts)
    state = _weights(run, step)
    reference = find_reference(run, recipe, parts)
    task = task_in(recipe, reference.geometry, parts, reference.attenuate)
    predictor = fill_predictor(run.path, state, recipe, task, parts, devices.choose(device))
    projector = make_projector(recipe, parts)
    digest = hashlib.sha256(run.recipe_file.read_bytes()).hexdigest()
    origin = Origin(run.path, digest, predictor.step, reference.dataset)
    return Reconstructor(predictor, reference, projector, origin)


def find_reference(run: Run, recipe: Recipe, parts: Parts) -> TrainingReference:
    """Read what a run's training X-rays are like, or look at them again and keep it.

    Raises:
        RunError: when the run has none and its dataset is not there.
    """
    if found := read_reference(run.path):
        return found
    try:
        made = fit_reference(PatientCache(open_patients(recipe, parts), recipe))
    except RepcatError as error:
        msg = (
            f"{run.path} has no {FILE}, which says what its training X-rays are like, and its "
            f"dataset is not there to make it from ({error}); take the file along with the run; "
            "docs/messages.md#what-the-x-rays-were-like"
        )
        raise RunError(msg) from None
    with suppress(DataError):  # a run that may only be read
        made.write(run.path)
    return made


def _weights(run: Run, step: int | None) -> State:
    """Read a checkpoint, or the one table of weights of an exported folder."""
    from safetensors import SafetensorError, safe_open

    file = run.path / WEIGHTS
    if not file.is_file():
        return run.load(step)
    try:
        with safe_open(file, "pt") as found:
            tensors = {name: found.get_tensor(name) for name in found.keys()}  # noqa: SIM118
            facts = found.metadata() or {}
    except (OSError, SafetensorError) as error:
        msg = f"{file} cannot be read ({type(error).__name__}); export it again"
        raise RunError(msg) from None
    text = facts.get("step", "0")
    return State({"model": tensors}, {"step": int(text) if text.isdecimal() else 0})
