"""Missing runs of a study, as `repcat compare` lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from repcat.studies.runner import Plan


def list_missing(plan: Plan, to: Console) -> None:
    """Say what each run still needs, and which rows and datasets are left out, with their cures."""
    from repcat.data.download.collections import commands_for
    from repcat.studies.status import next_command

    missing = plan.missing()
    for one, place, stage in missing:
        reached = f" (step {one.trained})" if stage == "untrained" and one.trained else ""
        on = "" if stage == "untrained" else f" on {place.name}"
        to.print(f"{stage}{reached}: {one.name}, seed {one.seed}{on}", markup=False)
        to.print(f"  {next_command(one, place, stage)}", markup=False)
    _list_plugins(plan, to)
    for told, path in _absent(plan):
        to.print(f"{told}, there is no {path}; make it with", markup=False)
        for command in commands_for(path):
            to.print(f"  {command}", markup=False)
    if missing:
        to.print("all of it: the same command with --train", markup=False)


def _absent(plan: Plan) -> list[tuple[str, Path]]:
    """Return the datasets that are not there, with what goes without them."""
    trained = [("rows cannot be trained", path) for path in plan.absent_training]
    return trained + [(f"left out: {p.name}", p.path) for p in plan.absent if p.path]


def _list_plugins(plan: Plan, to: Console) -> None:
    for row in plan.without_plugin:
        why = "; ".join(b.reason for b in plan.parts.broken if b.plugin == row.needs)
        said = f"was set aside ({why})" if why else "is not installed"
        to.print(f"left out: {row.name}, its plugin {row.needs} {said}; get it with", markup=False)
        to.print(f"  pip install ./plugins/{row.needs}", markup=False)
