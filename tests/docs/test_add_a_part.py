"""docs/add-a-part.md: each example is run and keeps to the rules, options and Docs left aside."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from repcat.registry.registry import KINDS
from repcat.testing import verdicts

PAGE = (Path(__file__).parents[2] / "docs" / "add-a-part.md").read_text(encoding="utf-8")
LOSS = re.compile(r"^## Data-consistency loss\n.*?^```python\n(.*?)^```", re.M | re.S)
SECTION = re.compile(r"^## (\w+)\n.*?^```python\n(.*?)^```", re.M | re.S)
EXAMPLES = {title.lower(): code for title, code in SECTION.findall(PAGE)}
PARTS = {
    "mapper": "RayFill",
    "objective": "Judge",
    "projector": "slow_march",
    "dataset": "Balls",
    "metric": "dense_mae",
    "protocol": "soft_tissue",
}


def test_every_kind_has_a_section() -> None:
    titles = {title.lower() for title in re.findall(r"^## (\w+)$", PAGE, re.M)}
    assert {kind.removesuffix("s") for kind in KINDS} <= titles
    assert PARTS.keys() == EXAMPLES.keys()


@pytest.mark.parametrize("kind", PARTS)
def test_the_example_keeps_to_the_rules(kind: str, tmp_path: Path) -> None:
    told = verdicts(f"{kind}s", _load(EXAMPLES[kind], PARTS[kind], tmp_path))
    broken = [v for v in told if v.state == "fails" and v.rule != "documents its options"]
    assert not broken


def test_the_data_consistency_loss_keeps_to_the_rules(tmp_path: Path) -> None:
    (code,) = LOSS.findall(PAGE)
    told = verdicts("objectives", _load(code, "Consistent", tmp_path))
    assert not [v for v in told if v.state == "fails" and v.rule != "documents its options"]


def _load(code: str, name: str, folder: Path) -> Any:
    from importlib.util import module_from_spec, spec_from_file_location

    file = folder / "page.py"
    file.write_text(code)
    spec = spec_from_file_location("page", file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)
