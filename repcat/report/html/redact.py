"""What a page may say of files and folders: their last names, and of own X-rays not even those."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath, PureWindowsPath
from typing import Any

# A place that begins at a root, a home or a drive; quotes and brackets end it.
PLACE = re.compile(r"""(?<![\w.])(?:~[^\s/]*/|/|[A-Za-z]:[\\/])[^\n"'<>|]*[/\\]""")


def short(path: str) -> str:
    """Return the last name of a path that begins at a root or a home, another path as it is."""
    if not PLACE.match(path + "/"):
        return path
    parts = PureWindowsPath(path) if "\\" in path else PurePath(path)
    return f".../{parts.name}" if parts.name else "..."


def plain(value: Any) -> Any:  # noqa: ANN401  (what TOML or JSON can hold)
    """Return a table with every place in it cut to its last name."""
    if isinstance(value, Mapping):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if not isinstance(value, str):
        return value
    whole = short(value)
    return whole if whole != value else PLACE.sub(".../", value)


def without(text: str, names: Sequence[str], instead: str) -> str:
    """Take file names out of a text, with or without their folders."""
    for name in sorted({n for given in names for n in _spellings(given)}, key=len, reverse=True):
        text = text.replace(name, instead)
    return text


def _spellings(name: str) -> set[str]:
    path = PureWindowsPath(name) if "\\" in name else PurePath(name)
    return {n for n in (name, path.name, path.stem) if len(n) > 2}
