"""Provenance: versions, commit, command, data and device of a result."""

from __future__ import annotations

import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from repcat import device
from repcat.io.notice import SYNTHETIC
from repcat.registry import plugins

PACKAGES = ("torch", "monai", "geomloss", "numpy", "scipy", "SimpleITK", "nanodrr", "safetensors")


def versions() -> dict[str, str]:
    """Return the versions of repcat and of what computes its figures."""
    found = {"python": platform.python_version()}
    for name in ("repcat", *PACKAGES):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str | None:
    """Return the commit of repcat's own checkout, '+' where it was changed; None outside git."""
    here = Path(__file__).resolve().parent
    answers = []
    for words in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"]):
        try:
            done = subprocess.run(
                ["git", "-C", str(here), *words],
                capture_output=True,
                text=True,
                check=True,
                timeout=10,
            )
        except (OSError, subprocess.SubprocessError):
            return None
        answers.append(done.stdout.strip())
    return answers[0] + ("+" if answers[1] else "")


def provenance(dataset: str, fingerprint: str, on: str) -> dict[str, Any]:
    """Return what provenance.json holds."""
    return {
        "note": SYNTHETIC,
        "command": ["repcat", *sys.argv[1:]],
        "versions": versions(),
        "plugins": dict(plugins.load_parts().plugins),
        "commit": commit(),
        "dataset": dataset,
        "dataset_hash": fingerprint,
        "device": device.describe(on),
    }
