"""What a folder holds, so that two can be compared: bytes, less what a clock writes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path

from repcat.io.checksums import file_hash

# Of a log line: what depends on the clock or the machine's load.
CLOCK = ("seconds", "samples_per_s", "memory_gb", "crc32")
# Who ran it when; and the list of hashes that names it. Both are checked by tests of their own.
RECORDS = ("provenance.json", "SHA256SUMS")

Keep = Callable[[str], bool]


def contents(folder: Path, keep: Keep = bool) -> dict[str, str]:
    """Return what each file holds, by its name in the folder; hidden files are left out."""
    files = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_file()}
    shown = {n: p for n, p in files.items() if not any(s.startswith(".") for s in n.split("/"))}
    return {name: _fact(path) for name, path in shown.items() if keep(name)}


def leftovers(folder: Path) -> list[str]:
    """Return half-written files and folders, also while they come and go."""
    below = ((where, n) for where, folders, files in os.walk(folder) for n in (*folders, *files))
    return [f"{where}/{name}" for where, name in below if fnmatch(name, ".*.tmp*")]


def different(a: Mapping[str, str], b: Mapping[str, str]) -> list[str]:
    """Return the names of what differs, or is in one alone."""
    return sorted(name for name in a.keys() | b.keys() if a.get(name) != b.get(name))


def _fact(path: Path) -> str:
    if path.name == "log.jsonl":
        with suppress(ValueError):  # a damaged one is compared by its bytes
            return "\n".join(_line(line) for line in path.read_text("utf-8").splitlines())
    told = path.name in RECORDS or path.suffix == ".log"  # .log: what a training printed
    return "there" if told else file_hash(path)


def _line(text: str) -> str:
    return json.dumps({k: v for k, v in json.loads(text).items() if k not in CLOCK})
