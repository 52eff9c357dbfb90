"""Which parts a plugin that cannot be imported would have brought, as far as its source says."""

from __future__ import annotations

import re
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path

MOST_FILES = 200
ADDS = re.compile(r"\.(\w+)\.add\(\s*[\"']([\w.-]+)[\"']")


def promised(entry: EntryPoint) -> dict[str, tuple[str, ...]]:
    """Return names by kind; nothing of the plugin is run.

    Found are the words `parts.backbones.add("name"` in the module of the entry point, or anywhere
    in its package; a name that is made up while running stays unknown.
    """
    found: dict[str, list[str]] = {}
    try:
        spec = find_spec(entry.value.partition(":")[0].partition(".")[0].strip())
        texts = [f.read_text(encoding="utf-8") for f in _files(spec.origin if spec else None)]
    except Exception:  # noqa: BLE001  (a guess for a message: no guess is no harm)
        return {}
    for kind, name in (hit for text in texts for hit in ADDS.findall(text)):
        found.setdefault(kind, []).append(name)
    return {kind: tuple(names) for kind, names in found.items()}


def _files(origin: str | None) -> list[Path]:
    if origin is None:
        return []
    file = Path(origin)
    return sorted(file.parent.rglob("*.py"))[:MOST_FILES] if file.stem == "__init__" else [file]
