"""`repcat bench`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from repcat.commands.options import Settings

if TYPE_CHECKING:
    from repcat.bench.found import Options

WIDE = 1000  # letters, more than a row has: terminals fold lines, which beats cells that are cut
HEADS = (
    "variant",
    "seconds",
    "least to most",
    "calls",
    "ratio",
    "memory GB",
    "GFLOP",
    "of the ceiling",
    "per second, and turns",
)


def bench(  # noqa: PLR0913  (one parameter an option of the command line)
    what: Annotated[
        str,
        Argument(help="train, predict, start, project, prepare, load, score, ceiling, or all."),
    ] = "train",
    file: Annotated[Path | None, Argument(help="Where to write the JSON.")] = None,
    size: Annotated[int, Option(help="Voxels per side, but for train and predict.")] = 64,
    repeats: Annotated[int, Option(min=1, help="Timed calls of each variant.")] = 5,
    recipe: Annotated[
        Path | None,
        Option(help="What train times, file or name.", show_default="a small U-Net, L2"),
    ] = None,
    settings: Settings = None,
    device: Annotated[str, Option(help="auto, cpu, cuda or cuda:N, where it can matter.")] = "auto",
    against: Annotated[
        str | None, Option(help="Of train: 'paper', the released code's step, in turn with ours.")
    ] = None,
    cases: Annotated[
        str | None, Option(help="Of --against, with commas.", show_default="all")
    ] = None,
    batch: Annotated[
        int | None,
        Option(min=1, help="Of --against: patients a batch; sides then run one after the other."),
    ] = None,
    as_json: Annotated[bool, Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """Time the real code: variants in turn, median and spread, memory, machine, versions.

    A ratio says how many times as fast as the first variant. `repcat bench all --json FILE` runs
    every suite.
    """
    from repcat.bench.side_process import WORDS, serve

    if what == WORDS:
        serve()
        return
    from repcat.bench.everything import write_json
    from repcat.bench.found import Options
    from repcat.commands.console import err, out, say
    from repcat.config.shipped import find
    from repcat.device import choose

    _check(what, against or "", cases or "", batch or 0)
    options = Options(
        choose(device),
        repeats,
        size,
        find(recipe, "recipe") if recipe else None,
        tuple(settings or ()),
        against or "",
        cases or "",
        batch or 0,
        lambda line: err.print(line, markup=False) if err.is_terminal else None,
    )
    told = _run(what, options)
    if file:
        write_json(file, told)
        say(f"{file}: written")
    elif as_json:
        out.print_json(data=told)
    if not as_json:
        _print(told)


def _check(what: str, against: str, cases: str, batch: int) -> None:
    """Refuse, before anything is measured, options that say nothing here, and unknown names."""
    from repcat.bench.against_paper import check_rival
    from repcat.bench.cases import chosen
    from repcat.bench.suites import ALL
    from repcat.errors import RepcatError

    if against and what != "train":
        msg = f"--against goes with `repcat bench train`, not with {what}"
        raise RepcatError(msg, code="option-elsewhere")
    if (cases or batch) and not (against or what == ALL):
        msg = "--cases and --batch go with `repcat bench train --against paper` or `bench all`"
        raise RepcatError(msg, code="option-elsewhere")
    if against:
        check_rival(against)
    chosen(cases)


def _run(what: str, options: Options) -> dict[str, Any]:
    from repcat.bench.everything import everything
    from repcat.bench.suites import ALL, suite
    from repcat.bench.timing import report

    if what == ALL:
        return everything(options)
    found = suite(what, options)
    told = report(what, found.timings, found.on, found.refused)
    return {**told, "losses": found.losses} if found.losses else told


def _print(told: Mapping[str, Any]) -> None:
    from rich.console import Console

    from repcat.commands.console import out, say

    wide = Console(highlight=False, emoji=False, width=max(out.width, WIDE))
    for name, suite in told.get("suites", {told["what"]: told}).items():
        wide.print(_table(name, suite))
        for variant, why in suite["refused"].items():
            say(f"{variant}: refused: {why}")
    versions = told["versions"]
    say(f"{told['device']}; torch {versions['torch']}, repcat {versions['repcat']}")


def _table(name: str, suite: Mapping[str, Any]) -> Any:  # noqa: ANN401  (rich is not loaded yet)
    """Make a table of a suite, without the columns in which nothing is known."""
    from rich.table import Table

    rows = [[*_cells(row)] for row in suite["timings"]]
    rows += [[variant, "refused", *("-" * (len(HEADS) - 2))] for variant in suite["refused"]]
    known = [n for n in range(len(HEADS)) if any(row[n] != "-" for row in rows)]
    table = Table(title=f"repcat bench {name}")
    for n in known:
        table.add_column(HEADS[n], no_wrap=True)
    for row in rows:
        table.add_row(*(row[n] for n in known))
    return table


def _cells(row: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a timing's row shows, a dash for what is not known."""
    yield row["name"]
    yield f"{row['seconds']:.3g}"
    yield f"{row['low']:.3g} to {row['high']:.3g}"
    yield str(row["calls"])
    yield f"{row['ratio']:.2f} [{row['ratio_low']:.2f} to {row['ratio_high']:.2f}]"
    yield "-" if row["memory_gb"] is None else f"{row['memory_gb']:.2f}"
    yield "-" if row["gflop"] is None else f"{row['gflop']:.4g}"
    yield "-" if row["share"] is None else f"{row['share']:.0%}"
    parts = [f"{name} {value:.3g} s" for name, value in row["parts"].items()]
    yield ", ".join([*(f"{v:.3g} {unit}" for unit, v in row["per_second"].items()), *parts])
