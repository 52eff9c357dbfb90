"""`make faults`: run the campaigns of faults and write their figures into docs/reliability.md."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

import torch

from tests.campaigns.figures import write_figures
from tests.faults.damage import damage_all
from tests.faults.disk import fill_all
from tests.faults.kills import kill_all
from tests.faults.scenes import build

# What commands import, once for all of their processes.
HEAVY = (
    "torch._dynamo", "monai.networks.nets", "nanodrr", "geomloss", "scipy.ndimage", "SimpleITK",
    "repcat_plugins", "matplotlib.backends.backend_agg", "matplotlib.figure", "repcat.training.fit",
    "repcat.inference.predictor", "repcat.scoring.evaluate", "repcat.studies.runner",
    "repcat.report.pages.run", "repcat.export.bundle", "repcat.data.prepare.pipeline",
)  # fmt: skip
HEAD = ("fault", "at", "tries", "ended as it should", "did not")


def main() -> int:
    """Run what is asked for; exit code 1 where anything did not end as it should."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=120)
    asked.add_argument("--damages", type=int, default=60, help="spoilt files of each kind")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--only", default="", help="a word of the scenes to run")
    asked.add_argument("--quiet", action="store_true", help="do not write the figures")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as where:
        rows = run(Path(where), options)
    if not (options.quiet or options.only):
        write_figures("faults", HEAD, rows)
    return int(any(row[-1] for row in rows))


def run(where: Path, options: argparse.Namespace) -> list[tuple[object, ...]]:
    """Run the three campaigns, one row a scene."""
    torch.set_num_threads(1)
    for name in HEAVY:
        import_module(name)
    base, scratch, seed = where / "base", where / "scratch", options.seed
    scenes = [s for s in build(base) if options.only in s.name]
    rows: list[tuple[object, ...]] = []
    for name, kills in kill_all(
        scenes if options.kills else [], base, scratch, options.kills, seed
    ):
        what = f"{kills.kills} kills, {kills.writing} of them during a write"
        good = f"{kills.equal} with equal bits"
        rows.append(_say(what, f"`{name}`", kills.tries, good, len(kills.problems)))
    for name, tries, faults in fill_all(scenes, base, scratch, seed):
        rows.append(_say("no room", f"`{name}`", tries, tries - len(faults), len(faults)))
    for kind, hurt in damage_all(base, scratch, seed, options.damages):
        good = f"{hurt.named} named, {hurt.harmless} without effect"
        rows.append(_say("damaged file", kind, hurt.tries, good, len(hurt.problems)))
    return rows


def _say(*row: object) -> tuple[object, ...]:
    print(*row, sep=" | ", flush=True)
    return row


if __name__ == "__main__":
    sys.exit(main())
