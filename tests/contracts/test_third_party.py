"""A stranger's distribution on the path is a plugin, found through its entry point alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
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

PROTOCOL = '''
import repcat
from repcat import metrics


def lenient():
    """Score as everyone does who takes 4000 for the peak of 1000."""

    def rule(truth, window):
        return lambda p: {"psnr": metrics.psnr(truth / 1000, p / 1000, 4.0), "worst": 1.0}

    return repcat.Protocol(
        why="a stranger's", psnr="peak 4", ssim="none", rounding="none", clipping="none",
        span=1.0, peak=4.0, rule=rule, irreversible=("it is lenient",),
        columns=(metrics.column("psnr"), repcat.Column("worst", "the worst HU", "down", 1)),
    )


@repcat.hookimpl
def repcat_register(parts):
    parts.protocols.add("lenient", lenient)
'''

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


def test_metrics_knows_its_protocol(run: Run, install: Callable[..., Path]) -> None:
    install("repcat-lenient", PROTOCOL)
    listed = json.loads(run("metrics", "list", "--json")[1])
    assert {"standard", "lenient"} <= {p["name"] for p in listed}
    _, out, _ = run("metrics", "convert", "30", "--from", "lenient")
    assert "18.0 dB on the scale of standard" in out  # less 20 log10(4)
    assert "lenient: it is lenient" in out
    for name, hu in (("a", 0.0), ("b", 100.0)):
        np.save(f"{name}.npy", np.full((8, 8, 8), hu, dtype=np.float32))
    _, out, _ = run("metrics", "score", "a.npy", "b.npy", "--protocol", "lenient")
    assert "32.04" in out  # 100 of 1000 HU is 20 dB, and 12.04 that the peak adds
    assert "the worst HU ↓" in out
    assert run("metrics", "score", "a.npy", "b.npy", "--protocol", "lenent")[0] == 2


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
