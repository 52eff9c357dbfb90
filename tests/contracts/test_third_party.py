"""A stranger's distribution on the path is a plugin, found through its entry point alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

BOTTLENECK = '''
from typing import Annotated

from annotated_types import Ge
from torch import nn
from typing_extensions import Doc

import repcat


def wasp_waist(
    source: repcat.Grid,
    target: repcat.Grid,
    *,
    width: Annotated[int, Ge(1), Doc("channels between the two layers")] = 4,
) -> nn.Module:
    """Build a two-layer network that keeps the size of its input."""
    repcat.need_same_size(source, target, "wasp_waist")
    return nn.Sequential(
        nn.Conv3d(source.channels, width, 3, padding=1),
        nn.GELU(),
        nn.Conv3d(width, target.channels, 3, padding=1),
    )


@repcat.hookimpl
def repcat_register(parts: repcat.Parts) -> None:
    parts.backbones.add("wasp_waist", wasp_waist)
'''
RECIPE = """
data = {use = "phantoms", size = 16, train = 1, validation = 1, test = 1}
mapper.use = "repeat_concat"
backbone = {use = "wasp_waist", width = 2}
objective.use = "l2"
train = {steps = 1, batch_size = 1}
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(repcat: Run, install: Callable[..., Path]) -> Run:
    """Install two distributions, one broken, and return the command line as if started anew."""
    install("repcat-bottleneck", BOTTLENECK)
    install("repcat-ghost", "import weights_that_nobody_has\n")
    return repcat


def test_parts_shows_its_part_with_options_and_origin(run: Run) -> None:
    _, out, _ = run("parts", "backbones")
    assert "wasp_waist      Build a two-layer network" in out
    assert "[repcat-bottleneck]" in out
    assert "width = 4    channels between the two layers (int >= 1)" in out


def test_a_broken_one_is_set_aside_and_named_with_its_reason(run: Run) -> None:
    code, out, err = run("parts")
    assert code == 0
    assert "swin_unetr" in out
    assert "set aside: plugin repcat-ghost: ModuleNotFoundError" in err
    code, out, _ = run("doctor")
    assert code == 1
    assert "pip uninstall repcat-ghost" in out


def test_a_recipe_uses_it_and_the_run_remembers_its_version(run: Run) -> None:
    Path("recipe.toml").write_text(RECIPE)
    code, _, err = run("train", "recipe.toml", "--out", "run", "--device", "cpu")
    assert code == 0, err
    assert json.loads(Path("run/provenance.json").read_text())["plugins"]["repcat-bottleneck"] == (
        "0.3"
    )
    assert run("predict", "run")[0] == 0


def test_its_options_are_checked_as_any_parts_are(run: Run) -> None:
    Path("recipe.toml").write_text(RECIPE.replace("width = 2", "width = 0"))
    code, _, err = run("train", "recipe.toml")
    assert code == 2
    assert "backbone.width = 0: input should be greater than or equal to 1" in err


def test_a_part_that_nobody_brings_is_missed_with_the_broken_plugins_named(run: Run) -> None:
    Path("recipe.toml").write_text(RECIPE.replace('"wasp_waist"', '"ghost"'))
    code, _, err = run("train", "recipe.toml")
    assert code == 2
    assert "no backbone is called 'ghost'" in err
    assert "could not be loaded: repcat-ghost (ModuleNotFoundError" in err
