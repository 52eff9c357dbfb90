"""Findings: inputs that broke a promise, a file a way, how often, the traceback."""

from __future__ import annotations

import hashlib
import json
import traceback
from pathlib import Path

from tests.fuzz.target import place_of


class Findings:
    """A folder: TARGET-HASH is the input, TARGET-HASH.txt what happened, ways.json how often."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, target: str, data: bytes, error: BaseException) -> None:
        """Keep the first input of each way to fail."""
        told = "".join(traceback.format_exception(error))
        self.note(target, data, place_of(error), told[-8_000:])

    def note(self, target: str, data: bytes, way: str, told: str = "") -> None:
        """Keep the first input of a way that is told in words."""
        name = f"{target}-{hashlib.sha256(way.encode()).hexdigest()[:8]}"
        ways = self.ways()
        found = ways.setdefault(name, {"target": target, "way": way, "count": 0})
        if not found["count"]:
            (self.folder / name).write_bytes(data)
            (self.folder / f"{name}.txt").write_text(f"{way}\n{told}", encoding="utf-8")
        found["count"] += 1
        (self.folder / "ways.json").write_text(json.dumps(ways, indent=1), encoding="utf-8")

    def ways(self) -> dict[str, dict[str, object]]:
        """Return each way by its file's name."""
        file = self.folder / "ways.json"
        return json.loads(file.read_text("utf-8")) if file.exists() else {}
