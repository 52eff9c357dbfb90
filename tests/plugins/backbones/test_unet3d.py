from __future__ import annotations

import re

import pytest
import torch

from repcat import Grid, PartError
from repcat_plugins.backbones.unet3d import unet3d


def grids(size: int) -> tuple[Grid, Grid]:
    return Grid(2, (size,) * 3), Grid(1, (size,) * 3)


def our_name(released: str) -> str:
    """Where a weight of the released network stands in ours: levels down 0..4, levels up 0..3."""
    name = re.sub(r"^(inc|down\d)\.(maxpool_conv\.1\.)?double_conv\.", r"\1.", released)
    name = re.sub(r"^up(\d)\.conv\.double_conv\.", r"up\1.", name)
    name = re.sub(r"^(inc|down|up)(\d?)\.(\d)", level, name)
    for ours, theirs in {"lowest": "attn1", "lower": "attn2", "last": "outc.conv"}.items():
        name = name.replace(f"{theirs}.", f"{ours}.")
    return name


def level(found: re.Match) -> str:
    stage, number, layer = found.groups()
    where = {"inc": "down.0", "down": f"down.{number}"}.get(stage, f"up.{int(number or 1) - 1}")
    return f"{where}.{layer}"


def test_it_gives_what_the_released_one_gives(golden) -> None:
    arrays = golden("unet_small")
    network = unet3d(*grids(32), width=2)
    released = {our_name(k[2:]): torch.tensor(v) for k, v in arrays.items() if k[:2] == "w_"}
    missing, unknown = network.load_state_dict(released, strict=False)
    assert not unknown
    assert all("running" in name or "batches_tracked" in name for name in missing)
    found = network.train()(torch.tensor(arrays["x"]))
    torch.testing.assert_close(found, torch.tensor(arrays["out_train"]), atol=2e-5, rtol=0)


def test_at_the_papers_size_it_has_as_many_weights_as_the_released_one() -> None:
    with torch.device("meta"):
        network = unet3d(*grids(64))
    assert sum(p.numel() for p in network.parameters()) == 13_277_633


def test_without_attention_it_has_no_weights_for_it() -> None:
    with torch.device("meta"):
        names = unet3d(*grids(32), width=2, attention=False).state_dict()
    assert not any("qkv" in name for name in names)


@pytest.mark.parametrize("size", [16, 40])
def test_sizes_that_cannot_train_are_refused(size: int) -> None:
    with pytest.raises(PartError, match="multiples of 16, from 32 up"):
        unet3d(*grids(size))
