"""Every suite in one run: what docs/benchmarks.md is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from repcat import device
from repcat.bench.found import Options
from repcat.bench.suites import SUITES, suite
from repcat.runs.provenance import commit, versions

# What differs from the command line's options, suite by suite.
CHOSEN: Mapping[str, Mapping[str, Any]] = {
    "ceiling": {},
    "train": {"against": "paper"},
    "predict": {},
    "start": {},
    "project": {"size": 128},
    "prepare": {"size": 128},
    "load": {},
    "score": {"size": 128},
}


def everything(options: Options) -> dict[str, Any]:
    """Run every suite, one after the other, on one machine; a quarter of an hour on two cores."""
    assert CHOSEN.keys() == SUITES.keys()
    found: dict[str, Any] = {
        "what": "all",
        "when": datetime.now(UTC).isoformat(timespec="minutes"),
        "device": device.describe(options.on),
        "processor": device.processor(),
        "versions": versions(),
        "commit": commit(),
        "repeats": options.repeats,
        "suites": {},
    }
    for name, own in CHOSEN.items():
        options.tell(f"bench {name}")
        done = suite(name, replace(options, recipe=None, settings=(), **own))
        timings = [asdict(t) for t in done.timings]
        found["suites"][name] = {"timings": timings, "refused": dict(done.refused)}
    return found


def write_json(path: Path, found: Mapping[str, Any]) -> None:
    """Write what was found, whole or not at all."""
    import json

    from repcat.io.atomic import atomic_file

    with atomic_file(path) as part:
        part.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
