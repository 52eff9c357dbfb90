"""MONAI's BasicUNet by someone who has read docs/add-a-backbone.md: at most 15 lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from repcat.config.load import read
from repcat.models.build import open_patients
from repcat.registry.plugins import load_parts
from repcat.training.session import Session

Run = Callable[..., tuple[int, str, str]]

CODE = '''
import repcat
from monai.networks.nets import BasicUNet


def basic_unet(source: repcat.Grid, target: repcat.Grid) -> BasicUNet:
    """Build MONAI's BasicUNet: four levels down, 32 voxels a side or more."""
    repcat.need_same_size(source, target, "basic_unet")
    if min(source.size) < 32:
        raise repcat.PartError("basic_unet takes 32 voxels a side or more; set data.size")
    return BasicUNet(3, source.channels, target.channels, features=(4, 4, 8, 16, 32, 4))


@repcat.hookimpl
def repcat_register(parts: repcat.Parts) -> None:
    parts.backbones.add("basic_unet", basic_unet)
'''
RECIPE = """
data = {use = "phantoms", size = 32, train = 1, validation = 1, test = 1}
mapper.use = "repeat_concat"
backbone.use = "basic_unet"
objective.use = "l2"
train = {steps = 2, batch_size = 1}
"""


def test_it_takes_fifteen_lines() -> None:
    assert len([line for line in CODE.splitlines() if line.strip()]) <= 15


def test_it_is_listed_checked_and_trained(
    repcat: Run, install: Callable[..., Path], tmp_path: Path
) -> None:
    install("repcat-basic", CODE)
    assert "basic_unet      Build MONAI's BasicUNet" in repcat("parts", "backbones")[1]
    code, out, err = repcat("check", "basic_unet")
    assert (code, err) == (0, "")
    assert " 0 broken" in out
    (tmp_path / "recipe.toml").write_text(RECIPE)
    recipe = read(tmp_path / "recipe.toml", parts=load_parts())
    session = Session(recipe, open_patients(recipe, load_parts()), load_parts(), "cpu")
    before = [p.detach().clone() for p in session.network.parameters()]
    losses = [session.run_step()["model"] for _ in range(2)]
    assert losses[1] < losses[0]
    assert not any(map(torch.equal, before, session.network.parameters()))
