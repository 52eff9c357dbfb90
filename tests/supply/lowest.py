"""The lowest versions that pyproject.toml allows, as constraints for pip.

    python tests/supply/lowest.py > lowest.txt

torch and torchvision stay those of constraints.txt: older wheels of torch for Linux are for CUDA
alone, gigabytes each.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
KEPT = ("torch==", "torchvision==")


def lowest() -> list[str]:
    """Return a line for each core dependency."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needs = [Requirement(text) for text in project["dependencies"]]
    kept = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    floors = [f"{need.name}=={floor(need)}" for need in needs if need.name != "torch"]
    return [*(line for line in kept if line.startswith(KEPT)), *floors]


def floor(need: Requirement) -> str:
    """Return the version behind `>=`."""
    return next(one.version for one in need.specifier if one.operator == ">=")


if __name__ == "__main__":
    print("\n".join(lowest()))
