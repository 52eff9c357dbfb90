"""Provenance: versions, code, command, data, machine and threads of a result."""

from __future__ import annotations

import hashlib
import platform
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from repcat import device
from repcat.arithmetic import Arithmetic, default_threads
from repcat.contracts import Patients
from repcat.errors import RunError
from repcat.io.notice import SYNTHETIC
from repcat.registry import plugins

PACKAGES = ("torch", "monai", "geomloss", "numpy", "scipy", "SimpleITK", "nanodrr", "safetensors")
# Where two computations differ in one of these, their bits may differ.
BITS = ("versions", "plugins", "code", "device", "processor", "threads", "deterministic")
CODE = "code of "


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


@cache
def code_hashes() -> dict[str, str]:
    """Return a hash of the Python files of repcat and of each plugin, installed or in a checkout.

    Versions stay when code is changed in place; this does not.
    """
    own = Path(__file__).resolve().parents[1]
    folders = plugins.sources()
    return {name: _hash(places) for name, places in ({"repcat core": [own]} | folders).items()}


def _hash(places: Iterable[Path]) -> str:
    """Hash the Python files below some places, by their names there and what is in them."""
    digest = hashlib.sha256()
    for place in places:
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(f"{file.relative_to(place.parent).as_posix()}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def circumstances(on: str) -> dict[str, Any]:
    """Return who computes now: command, versions, code, machine, and what the last bits hang on."""
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": ["repcat", *sys.argv[1:]],
        "versions": versions(),
        "plugins": dict(plugins.load_parts().plugins),
        "code": code_hashes(),
        "commit": commit(),
        "device": device.describe(on),
        "processor": device.processor(),
        **asdict(Arithmetic.now()),
    }


def provenance(dataset: str, fingerprint: str, on: str) -> dict[str, Any]:
    """Return what provenance.json holds when a run begins."""
    data = {"dataset": dataset, "dataset_hash": fingerprint}
    return {"note": SYNTHETIC, **circumstances(on), **data}


def history(known: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the records of a run's beginning and of each resume."""
    resumes = known.get("resumes")
    found = resumes if isinstance(resumes, list) else []
    return [known, *(record for record in found if isinstance(record, Mapping))]


def resumed(known: Mapping[str, Any], step: int, steps: int, on: str) -> dict[str, Any]:
    """Return a provenance with a record of a resume: from which step on, to which."""
    record = {"step": step, "steps": steps, **circumstances(on)}
    return {**known, "resumes": [*history(known)[1:], record]}


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Say in what two records differ that bits may hang on; what one does not tell is left out."""
    old, new = dict(_facts(before)), dict(_facts(now))
    found = [k for k in old if k in new and old[k] != new[k]]
    return [k if k.startswith(CODE) else f"{k} {old[k]} -> {new[k]}" for k in found]


def elsewhere(known: Mapping[str, Any]) -> list[str]:
    """Say in what the last resume of a run differs from what was before it."""
    *before, last = history(known)
    told: list[str] = []
    if not before:
        return told
    if new := changes(before[-1], last):
        told.append(f"changed since it was last trained, so bits may differ: {', '.join(new)}")
    if (kept := Arithmetic.recorded(last).threads) != (here := default_threads()):
        told.append(f"threads: {kept}, as when it began, for the same bits, not the {here} of here")
    return told


def _facts(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in BITS:
        value = record.get(key)
        if isinstance(value, Mapping):
            label = CODE if key == "code" else ""
            yield from ((f"{label}{name}", str(fact)) for name, fact in value.items())
        elif value is not None:  # a CPU's name here is its threads, which are told for themselves
            yield key, str(value).partition(", ")[0] if key == "device" else str(value)


def check_dataset(known: Mapping[str, Any], patients: Patients, run: Path) -> None:
    """Raise RunError where a dataset is not the one that a run began with."""
    if (was := known.get("dataset_hash")) not in (None, patients.fingerprint):
        msg = (
            f"the dataset {patients.name} has changed since {run} began (hash {was}); start "
            "anew; docs/messages.md#the-dataset-has-changed"
        )
        raise RunError(msg, code="the-dataset-has-changed")
