"""Provenance: versions, commit, command, data and device of a result."""

from __future__ import annotations

import platform
import subprocess
import sys
from functools import partial
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
    asked = (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
    git = ["git", "-C", str(Path(__file__).resolve().parent)]
    ask = partial(subprocess.run, capture_output=True, text=True, check=True, timeout=10)
    try:
        head, changed = (ask([*git, *words]).stdout.strip() for words in asked)
    except (OSError, subprocess.SubprocessError):
        return None
    return head + ("+" if changed else "")


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
