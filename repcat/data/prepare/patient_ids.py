"""Patient ids of a dataset: never what a DICOM header says."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import count

from repcat.data.ct.scan_discovery import Scan
from repcat.data.ct.source_paths import H5_SUFFIXES, SUFFIXES, X2CT_STEM
from repcat.data.patient_id import LONGEST, is_id

# What find_scans adds to a folder that holds several series.
SERIES = re.compile(r" \(series \d+[^/]*\)$")


def name_scans(scans: Sequence[Scan], scheme: str) -> list[str]:
    """Return one id a scan, by the user's scheme.

    `hash`: of the patient; `stem`: the file's or folder's name as the user gave it; `number`:
    0001, 0002, ... in the order of the labels. A second scan of the same name gets '-2', or the
    next number that is free.
    """
    numbers: dict[str, str] = {}
    for scan in scans:
        numbers.setdefault(scan.patient, f"{len(numbers) + 1:04d}")
    names: dict[str, Callable[[Scan], str]] = {
        "hash": lambda s: s.patient,
        "number": lambda s: numbers[s.patient],
        "stem": lambda s: _plain(parts_of(s.label)[-1]),
    }
    wanted = [names[scheme](scan) for scan in scans]
    taken = {name.lower() for name in wanted}
    seen: set[str] = set()
    found = []
    for name in wanted:
        free = name
        # Some file systems hold A and a to be one name.
        if name.lower() in seen:
            numbered = (f"{name}-{k}" for k in count(2))
            free = next(n for n in numbered if n.lower() not in taken)
        taken.add(free.lower())
        seen.add(free.lower())
        found.append(free)
    return found


def parts_of(label: str) -> tuple[str, ...]:
    """Split a path into what tells scans apart: no ending of a format, no series number."""
    parts = [p for p in SERIES.sub("", label).replace("\\", "/").split("/") if p not in ("", ".")]
    if not parts:
        return ("scan",)
    name = parts[-1]
    ending = next((s for s in SUFFIXES + H5_SUFFIXES if name.lower().endswith(s)), "")
    parts[-1] = name[: len(name) - len(ending)]
    if parts[-1] == X2CT_STEM and len(parts) > 1:
        parts.pop()
    return tuple(parts)


def _plain(name: str) -> str:
    """Keep what every file system and table can hold."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name)[:LONGEST].strip("._")
    return plain if is_id(plain) else f"scan_{plain}".rstrip("_")[:LONGEST]
