"""The small recipe on phantoms that suites time where nobody names another."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

from repcat.config.load import read
from repcat.config.recipe import Recipe
from repcat.models.build import open_patients
from repcat.registry.plugins import load_parts

RECIPE = """
data = {use = "phantoms", train = 8, validation = 1, test = 1}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [16, 32, 64, 128], res_units = 1}
objective.use = "l2"
train.batch_size = 4
"""


def small_recipe(settings: Sequence[str], path: Path | None = None) -> Recipe:
    """Read a recipe; without a path, the small one on phantoms."""
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "bench.toml"
        small.write_text(RECIPE, encoding="utf-8")
        return read(path or small, settings, parts=load_parts())


def phantom_volumes(size: int, count: int) -> list[Tensor]:
    """Return up to eight phantoms (D, H, W) in HU."""
    patients = open_patients(small_recipe([f"data.size = {size}"]), load_parts())
    return [patients.load(i).volume.float() for i in patients.ids("train")[:count]]
