"""Figures of a campaign, written into docs/reliability.md between its markers."""

from __future__ import annotations

import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from repcat.io.atomic import atomic_file
from repcat.runs.provenance import commit, versions

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"


def write_figures(name: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Replace what stands between `<!-- NAME -->` and `<!-- end NAME -->` by a table.

    Above it stands when, of which commit and on what the campaign ran.
    """
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in (head, ["---"] * len(head), *rows)]
    day, on = datetime.now(UTC).date(), f"{platform.system()}, Python {platform.python_version()}"
    said = f"{day}, commit {(commit() or 'unknown')[:9]}, {on}, torch {versions()['torch']}"
    block = f"<!-- {name} -->\n\n{said}.\n\n" + "\n".join(lines) + f"\n\n<!-- end {name} -->"
    place = re.compile(f"<!-- {name} -->.*?<!-- end {name} -->", re.S)
    text, count = place.subn(lambda _: block, PAGE.read_text("utf-8"))
    if count != 1:
        msg = f"{PAGE} has {count} places for {name!r}"
        raise ValueError(msg)
    with atomic_file(PAGE) as part:
        part.write_text(text, encoding="utf-8")
