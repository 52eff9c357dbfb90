"""`make coverage`: the last step, branches by room, from coverage.json."""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

from tests.campaigns.figures import write_figures

FILE = Path(__file__).parents[2] / "coverage.json"
FLOOR = 90.0
COUNTS = ("num_branches", "covered_branches", "num_statements", "covered_lines")


def main() -> int:
    """Write the table; exit code 1 where the core's branches are below the floor."""
    rooms: dict[str, Counter[str]] = defaultdict(Counter)
    for name, found in json.loads(FILE.read_text("utf-8"))["files"].items():
        room = name.split("/")[1]
        for key in COUNTS:
            rooms[room][key] += found["summary"][key]
            rooms["**the core**"][key] += found["summary"][key]
    rows = [(room, *_row(counts)) for room, counts in sorted(rooms.items())]
    write_figures("coverage", ("room", "branches", "run through", "per cent", "lines %"), rows)
    return int(float(_row(rooms["**the core**"])[2]) < FLOOR)


def _row(counts: Counter[str]) -> tuple[int, int, str, str]:
    branches, there, lines, run = (counts[key] for key in COUNTS)
    shares = (f"{100 * b / a if a else 100:.1f}" for a, b in ((branches, there), (lines, run)))
    return branches, there, *shares


if __name__ == "__main__":
    sys.exit(main())
