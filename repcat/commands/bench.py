"""`repcat bench`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from repcat.commands.options import Settings

if TYPE_CHECKING:
    from repcat.bench.timing import Timing


def bench(
    what: Annotated[str, Argument(help="train, project, prepare, load or score.")] = "train",
    size: Annotated[int, Option(help="Voxels per side, but for train.")] = 64,
    repeats: Annotated[int, Option(min=1, help="Timed calls of each variant.")] = 5,
    recipe: Annotated[
        Path | None,
        Option(help="What train times, file or name.", show_default="a small U-Net, L2"),
    ] = None,
    settings: Settings = None,
    device: Annotated[str, Option(help="Of train and project: auto, cpu, cuda.")] = "auto",
    as_json: Annotated[bool, Option("--json", help="Print JSON, losses included.")] = False,
) -> None:
    """Time the real code: variants in turn, median and spread, memory, machine, versions."""
    from repcat.bench.suites import Options, suite
    from repcat.bench.timing import report
    from repcat.commands.console import out
    from repcat.config.shipped import find
    from repcat.device import choose

    recipe = find(recipe, "recipe") if recipe else None
    found = suite(what, Options(choose(device), repeats, size, recipe, tuple(settings or ())))
    told = report(what, found.timings, found.on)
    if as_json:
        out.print_json(data={**told, "losses": found.losses})
        return
    _print(what, found.timings, told)


def _print(what: str, timings: list[Timing], told: dict[str, Any]) -> None:
    from rich.table import Table

    from repcat.commands.console import out, say

    table = Table(title=f"repcat bench {what}")
    for head in ("variant", "seconds", "quartiles", "calls", "ratio", "memory GB", "per second"):
        table.add_column(head)
    for t in timings:
        rates = ", ".join(f"{value:.3g} {unit}" for unit, value in t.per_second.items())
        spread = f"{t.low:.3g} to {t.high:.3g}"
        row = (t.name, f"{t.seconds:.3g}", spread, str(t.calls), f"{t.ratio:.3g}")
        table.add_row(*row, f"{t.memory_gb:.2f}", rates)
    out.print(table)
    versions = told["versions"]
    say(f"{told['device']}; torch {versions['torch']}, repcat {versions['repcat']}")
