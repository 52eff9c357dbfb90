"""A model in a folder of its own, without its run and its dataset: what `repcat export` writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from repcat.config.load import read
from repcat.config.recipe import Recipe
from repcat.errors import DataError
from repcat.geometry import Geometry
from repcat.io.tensors import save_table
from repcat.models.build import Network, build_network, task_in
from repcat.registry.parts import Parts
from repcat.registry.plugins import load_parts

WEIGHTS, RECIPE, GEOMETRY = "model.safetensors", "recipe.toml", "geometry.json"


def write_exported(
    folder: Path, recipe: Recipe, geometry: Geometry, network: Network, step: int
) -> None:
    """Write the three files that `read_exported` reads into a folder that exists.

    `model.safetensors` holds the network's weights under the names of its state_dict.
    """
    weights = {k: v.detach().cpu() for k, v in network.state_dict().items()}
    save_table(weights, folder / WEIGHTS, {"format": "pt", "step": str(step)})
    (folder / RECIPE).write_text(recipe.to_toml(), encoding="utf-8")
    text = json.dumps(geometry.to_dict(), indent=2)
    (folder / GEOMETRY).write_text(text + "\n", encoding="utf-8")


def read_exported(folder: Path, parts: Parts | None = None) -> tuple[Recipe, Geometry, Network]:
    """Read a folder that `repcat export` wrote: recipe, geometry, network in evaluation mode.

    Neither the run nor the dataset is needed; the plugins whose parts the recipe names are.

    Raises:
        DataError: where a file is missing, damaged or does not fit the others.
        RecipeError: where recipe.toml names a part or an option that is not installed here.
    """
    folder, parts = Path(folder), parts or load_parts()
    _check_files(folder)
    recipe = read(folder / RECIPE, parts=parts)
    geometry = _geometry(folder / GEOMETRY, recipe)
    network = build_network(recipe, task_in(recipe, geometry, parts), parts)
    _fill(network, _weights(folder / WEIGHTS), folder)
    return recipe, geometry, network.eval()


def _check_files(folder: Path) -> None:
    missing = [n for n in (WEIGHTS, RECIPE, GEOMETRY) if not (folder / n).is_file()]
    if missing:
        msg = (
            f"{folder} is no exported model: there is no {' and no '.join(missing)} in it; "
            "`repcat export RUN` makes one"
        )
        raise DataError(msg)


def _geometry(file: Path, recipe: Recipe) -> Geometry:
    try:
        values: dict[str, Any] = json.loads(file.read_text("utf-8"))
        geometry = Geometry.from_dict(values)
        sides = {*geometry.voxels, *geometry.pixels}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        msg = f"{file} cannot be read as a geometry ({error}); export the run again"
        raise DataError(msg) from None
    if sides != {recipe.data.size}:
        msg = (
            f"{file} is about {geometry.voxels} voxels and {geometry.pixels} pixels, but the "
            f"recipe beside it about {recipe.data.size} a side; export the run again"
        )
        raise DataError(msg)
    return geometry


def _weights(file: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(file)
    except (OSError, SafetensorError) as error:
        msg = f"{file} cannot be read as safetensors ({error}); copy it or export the run again"
        raise DataError(msg) from None


def _fill(network: Network, weights: Mapping[str, Tensor], folder: Path) -> None:
    try:
        network.load_state_dict(weights)
    except RuntimeError:
        msg = (
            f"the weights in {folder} do not fit the recipe.toml beside them: one of the two is "
            "from another model; export the run again"
        )
        raise DataError(msg) from None
