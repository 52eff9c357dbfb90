"""MONAI's networks without the rest of MONAI, and MONAI whole for whoever wants it afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

NETWORKS = ("AttentionUnet", "DynUNet", "SegResNet", "SwinUNETR", "UNet", "UNETR")
LEAN = f"""
import json, sys
from repcat_plugins.lazy_packages import LazyPackage
from repcat_plugins.networks.monai_import import monai_network
networks = [monai_network(name) for name in {NETWORKS}]
lean = sorted(sys.modules)
"""
WHOLE = """
import warnings
warnings.simplefilter("ignore")
import monai
packages = ["monai", *(f"monai.{p}" for p in ("networks.nets", "networks.blocks", "utils", "data"))]
names = {name: dir(sys.modules[name]) for name in packages if dir(monai)}
same = [getattr(monai.networks.nets, n.__name__) is n for n in networks]
lazy = [name for name, module in sys.modules.items() if isinstance(module, LazyPackage)]
print(json.dumps({"lean": lean, "names": names, "same": same, "lazy": lazy,
                  "version": monai.__version__}))
"""


def said_by(code: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@pytest.fixture(scope="module")
def after() -> dict[str, Any]:
    """What a process has that imports MONAI after us."""
    return said_by(LEAN + WHOLE)


@pytest.fixture(scope="module")
def before() -> dict[str, Any]:
    """What a process has that imports MONAI before us."""
    return said_by("import monai" + LEAN + WHOLE)


def test_six_networks_come_without_the_rest(after: dict[str, Any]) -> None:
    rest = ["apps.datasets", "transforms", "data", "losses", "metrics", "networks.nets.dints"]
    heavy = {"torch._dynamo", "matplotlib", "pandas", "scipy", "skimage", "ignite", "sympy"}
    assert not {f"monai.{name}" for name in rest} & set(after["lean"])
    assert not heavy & set(after["lean"])


def test_whoever_imports_monai_later_finds_all_of_it(
    after: dict[str, Any], before: dict[str, Any]
) -> None:
    assert after["names"] == before["names"] and after["version"] == before["version"]
    assert len(after["names"]["monai.networks.nets"]) > 150  # 1.6.1: it is not a list of nothing


def test_its_networks_are_ours(after: dict[str, Any], before: dict[str, Any]) -> None:
    assert all(after["same"]) and all(before["same"]) and len(after["same"]) == len(NETWORKS)


def test_nothing_stays_lazy(after: dict[str, Any], before: dict[str, Any]) -> None:
    assert after["lazy"] == before["lazy"] == []
