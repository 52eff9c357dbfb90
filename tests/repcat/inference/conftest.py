"""A run trained for a few steps on phantoms, and films of a held-out one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch

import repcat
from repcat.registry.plugins import load_parts
from repcat.training.begin import start
from repcat.training.fit import fit

RECIPE = """
data = {use = "phantoms", size = 24, train = 24, validation = 1, test = 2}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [4, 8], res_units = 1}
objective.use = "l2"
optim.lr = 1e-2
train = {steps = 4, batch_size = 2, save_every = 4, ema = 0.5}
"""


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run; tests do not write into it."""
    folder = tmp_path_factory.mktemp("films")
    (folder / "tiny.toml").write_text(RECIPE)
    session, run = start(folder / "tiny.toml", folder / "run", [], "cpu", load_parts())
    fit(session, run)
    return folder / "run"


@pytest.fixture(scope="session")
def model(trained: Path) -> repcat.Reconstructor:
    return repcat.load(trained, device="cpu")


@pytest.fixture(scope="session")
def integrals() -> torch.Tensor:
    """Line integrals (2, 24, 24) of a held-out phantom, frontal and lateral."""
    parts = load_parts()
    project = parts.projectors.get("nanodrr").factory()
    request = repcat.Request(24, (repcat.View(0), repcat.View(90)), project)
    phantoms = parts.datasets.get("phantoms").factory(request)
    return phantoms.load("phantom-200000").integrals


@pytest.fixture(scope="session")
def films(integrals: torch.Tensor, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The same as 16-bit PNG files, pa.png and lateral.png."""
    folder = tmp_path_factory.mktemp("png")
    for name, image in zip(("pa", "lateral"), integrals, strict=True):
        pixels = (image / image.max() * 65535).round().numpy().astype(np.uint16)
        sitk.WriteImage(sitk.GetImageFromArray(pixels), str(folder / f"{name}.png"))
    return [folder / "pa.png", folder / "lateral.png"]
