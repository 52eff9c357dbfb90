"""Exported models: weights, recipe and geometry in a folder, without their run and dataset.

The one writer and the one reader of what `repcat export` makes for `repcat.load`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from repcat.config.load import read
from repcat.config.recipe import Recipe
from repcat.errors import DataError, RecipeError
from repcat.geometry import Geometry
from repcat.inference.model_record import FILE as RECORD
from repcat.inference.model_record import ModelRecord
from repcat.io.checksums import damaged_files, file_hash
from repcat.io.json_object import parse_object
from repcat.io.tensors import save_table
from repcat.models.build import build_network, task_in
from repcat.models.network import Network
from repcat.radiographs.training_reference import FILE
from repcat.registry.parts import Parts
from repcat.registry.plugins import load_parts
from repcat.runs.calibration import FILE as CALIBRATION
from repcat.runs.checkpoint import weights_hash
from repcat.runs.run import Run
from repcat.version import __version__

WEIGHTS, RECIPE, GEOMETRY = "model.safetensors", "recipe.toml", "geometry.json"
FILES = (WEIGHTS, RECIPE, GEOMETRY, FILE, CALIBRATION, RECORD)  # what is read, where it is there
# Stands in a recipe where an option must have a value and had a path; no path can be it by chance.
LEFT_OUT = "not-exported"


@dataclass(frozen=True, slots=True)
class Exported:
    """An exported model: `network` is filled and in evaluation mode, `step` that of its weights."""

    recipe: Recipe
    geometry: Geometry
    network: Network
    step: int
    record: ModelRecord


def is_exported(folder: Path) -> bool:
    """Whether a folder holds an exported model; a run keeps its weights in checkpoints/."""
    return (folder / WEIGHTS).is_file()


def model_hash(folder: Path, step: int) -> str:
    """Return the hash of what a run at a step, or an exported model, predicts by."""
    if is_exported(folder):
        return file_hash(folder / WEIGHTS)
    return weights_hash(Run(folder).checkpoint(step))


def write_exported(
    folder: Path,
    recipe: Recipe,
    geometry: Geometry,
    network: Network,
    step: int,
    *,
    half: bool = False,
) -> None:
    """Write the three files that `read_exported` reads into a folder that exists.

    `model.safetensors` holds the network's weights under the names of its state_dict; with `half`
    what is learnt in half precision (fp16), which takes half the place.
    """
    learnt = {name for name, _ in network.named_parameters(remove_duplicate=False)}
    weights = {
        name: _halved(v) if half and name in learnt else v
        for name, v in ((k, v.detach().cpu()) for k, v in network.state_dict().items())
    }
    save_table(weights, folder / WEIGHTS, {"format": "pt", "step": str(step)})
    (folder / RECIPE).write_text(recipe.to_toml(), encoding="utf-8")
    text = json.dumps(geometry.to_dict(), indent=2)
    (folder / GEOMETRY).write_text(text + "\n", encoding="utf-8")


def read_exported(folder: Path, parts: Parts | None = None) -> Exported:
    """Read a folder that `repcat export` wrote.

    Neither the run nor the dataset is needed; the plugins whose parts the recipe names are.

    Raises:
        DataError: where a file is missing, damaged or does not fit the others.
        RecipeError: where recipe.toml names a part or an option that is not installed here.
    """
    folder, parts = Path(folder), parts or load_parts()
    record, recipe, geometry = read_facts(folder, parts)
    network = build_network(recipe, task_in(recipe, geometry, parts), parts)
    weights, step = _weights(folder / WEIGHTS)
    _fill(network, weights, folder)
    return Exported(recipe, geometry, network.eval(), step, record)


def read_facts(folder: Path, parts: Parts) -> tuple[ModelRecord, Recipe, Geometry]:
    """Read what is known of an exported model without its weights, all held to its checksums.

    Raises:
        DataError, RecipeError: as `read_exported` does.
    """
    _check_files(folder)
    check_intact(folder)
    record = ModelRecord.read(folder)
    try:
        recipe = read(folder / RECIPE, parts=parts)
    except RecipeError as error:
        if record.repcat in ("", __version__):
            raise
        told = f"exported by repcat {record.repcat}, read by repcat {__version__}"
        msg = f"{error}\n  - {told}: install that version, or a plugin that is missing"
        raise RecipeError(msg, code="another-version") from None
    return record, recipe, _geometry(folder / GEOMETRY, recipe)


def _check_files(folder: Path) -> None:
    missing = [n for n in (WEIGHTS, RECIPE, GEOMETRY) if not (folder / n).is_file()]
    if missing:
        lack = " and no ".join(missing)
        msg = f"{folder} is no exported model: there is no {lack}; `repcat export RUN` makes one"
        raise DataError(msg, code="not-an-export")


def check_intact(folder: Path) -> None:
    """Raise DataError where a file that is read is not what was exported.

    The model card is its owner's to change. A folder of before 0.2 has no list of checksums.
    """
    if found := damaged_files(folder, [n for n in FILES if (folder / n).exists()]):
        msg = (
            f"{folder / found[0]} is not what was exported, by its SHA-256; copy or install the "
            "folder again, or export the run again"
        )
        raise DataError(msg, code="file-damaged")


def _geometry(file: Path, recipe: Recipe) -> Geometry:
    try:
        geometry = Geometry.from_dict(parse_object(file.read_bytes()))
        sides = {*geometry.voxels, *geometry.pixels}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        msg = f"{file} cannot be read as a geometry ({error}); export the run again"
        raise DataError(msg, code="file-damaged") from None
    if sides != {recipe.data.size}:
        msg = (
            f"{file} is about {geometry.voxels} voxels and {geometry.pixels} pixels, but the "
            f"recipe beside it about {recipe.data.size} a side; export the run again"
        )
        raise DataError(msg, code="other-geometry")
    return geometry


def _weights(file: Path) -> tuple[dict[str, Tensor], int]:
    """Read the weights and the step they were saved at."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, "pt") as found:
            step = (found.metadata() or {}).get("step", "0")
            weights = {name: found.get_tensor(name) for name in found.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        msg = f"{file} cannot be read as safetensors ({error}); copy it or export the run again"
        raise DataError(msg, code="file-damaged") from None
    return weights, int(step) if step.isdecimal() else 0


def _halved(weight: Tensor) -> Tensor:
    """Store a weight in half precision; what is too large for it would be infinite."""
    if not weight.is_floating_point():
        return weight
    half = weight.half()
    if not half.isfinite().all():
        most = float(weight.abs().max())
        msg = f"a weight of {most:.3g} is too large for half precision; leave --half out"
        raise DataError(msg, code="too-large-for-half")
    return half


def _fill(network: Network, weights: Mapping[str, Tensor], folder: Path) -> None:
    """Fill a network, whose own numbers stay float32 where those stored are halves."""
    try:
        network.load_state_dict(weights)
    except RuntimeError:
        msg = (
            f"the weights in {folder} do not fit the recipe.toml beside them: one of the two is "
            "from another model; export the run again"
        )
        raise DataError(msg, code="other-weights") from None
