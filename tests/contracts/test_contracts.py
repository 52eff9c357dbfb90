"""What every registered part must do, whoever wrote it: the checks that plugin authors call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from repcat import View
from repcat.data.prepare.pipeline import prepare
from repcat.data.prepare.settings import Settings
from repcat.data.prepare.splits import parse_split
from repcat.io.volumes import write_mha
from repcat.registry.plugins import load_parts
from repcat.registry.registry import KINDS, Part
from repcat.testing import verdicts
from repcat.testing.result import check_all
from repcat_plugins.datasets.phantom.thorax import thorax

# The parts of other distributions under plugins/ are checked by their own tests.
SLOW = ("encoder2d", "sinkhorn_ot", "swin_unetr")
OWN = [
    pytest.param(registry.kind, part, marks=[pytest.mark.slow] * (part.name in SLOW))
    for registry in load_parts().registries()
    for part in registry.parts.values()
    if part.origin == "repcat"
]
# Options that make a check quick; everything else is as a recipe would have it.
SMALL: dict[str, dict[str, Any]] = {
    "attention_unet": {"channels": (4, 8)},
    "autoencoder": {"latent": 8, "width": 2, "widest": 4},
    "dynunet": {"channels": (4, 8, 16)},
    "encoder2d": {"name": "resnet10t"},
    "march": {"step_mm": 4.0},
    "lift": {"channels": (2, 8, 8), "features": (2, 4), "image_channels": (4, 8, 8)},
    "segresnet": {"width": 4, "blocks": (1, 1), "groups": 2},
    "swin_unetr": {"feature_size": 12, "window": 2, "depths": (1, 1, 1, 1)},
    "unet": {"channels": (4, 8), "res_units": 1},
    "unet3d": {"width": 2},
    "unetr": {"feature_size": 4, "hidden_size": 12, "mlp_dim": 8, "num_heads": 2},
    "gan": {"inner_steps": 2, "critic_width": 1, "critic_widest": 2, "gradient_penalty": 1.0},
    "sinkhorn_ot": {"inner_steps": 2, "features": 2, "critic_width": 1, "critic_widest": 2},
    "phantoms": {"train": 2, "validation": 1, "test": 1},
}
# Settings that go another way through the code than the defaults do.
MORE: list[tuple[str, str, dict[str, Any]]] = [
    ("mappers", "repeat_concat", {"align": "rotate"}),
    ("mappers", "repeat_concat", {"align": "geometric"}),
    ("mappers", "noise_concat", {"fresh": True}),
    ("mappers", "noise_concat", {"where": "depth"}),
    ("mappers", "encoder2d", SMALL["encoder2d"] | {"grid": "reshape"}),
    ("mappers", "lift", SMALL["lift"] | {"features": (0, 4), "rays": False}),
    ("mappers", "lift", SMALL["lift"] | {"features": (0, 0), "norm": "batch"}),
    ("backbones", "head", {"bias_volume": 0, "kernel": 1}),
    ("backbones", "unet", {"channels": (4, 8), "norm": "batch", "dropout": 0.2}),
    ("backbones", "unet", {"channels": (4, 8), "upsample": "linear", "bias_volume": 4}),
    ("objectives", "sinkhorn_ot", SMALL["sinkhorn_ot"] | {"distance": "l2"}),
    ("objectives", "sinkhorn_ot", SMALL["sinkhorn_ot"] | {"potential": False, "paired": True}),
]


def test_every_kind_but_metrics_has_a_part_of_our_own() -> None:
    assert {param.values[0] for param in OWN} == set(KINDS) - {"metrics"}


@pytest.mark.parametrize(("kind", "part"), OWN, ids=lambda v: v.name if isinstance(v, Part) else v)
def test_it_keeps_to_the_rules(kind: str, part: Part, tmp_path: Path) -> None:
    options = SMALL.get(part.name, {})
    if part.name in ("prepared", "mixed"):
        options = {"path": str(_prepared(tmp_path))}
    check_all(verdicts(kind, part.name, options=options))


@pytest.mark.parametrize(("kind", "name", "options"), MORE, ids=str)
def test_other_settings_keep_to_the_rules(kind: str, name: str, options: dict[str, Any]) -> None:
    check_all(verdicts(kind, name, options=options))


def _prepared(folder: Path) -> Path:
    """Prepare three procedural chests, as `repcat prepare` would three scans."""
    scans = folder / "ct"
    scans.mkdir()
    for n in range(3):
        hu = torch.from_numpy(thorax(0, n, 32, 400.0)[0]).round()
        write_mha(scans / f"{n}.mha", hu, (12.5, 12.5, 12.5), (0.0, 0.0, 0.0), "a test")
    settings = Settings(size=16, views=(View(0.0), View(90.0)), ids="stem")
    prepare([scans], folder / "data", settings, parse_split(".8,.1,.1"))
    return folder / "data"
