"""`repcat evaluate`: a run's saved predictions, scored beside what costs nothing to predict."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from repcat.commands.parse_lists import words
from repcat.scoring import DEFAULT_PROTOCOLS


def evaluate(
    run: Annotated[Path, typer.Argument(help="Directory of a run with predictions.")],
    data: Annotated[
        Path | None, typer.Option(help="Prepared dataset to score instead of the recipe's.")
    ] = None,
    split: Annotated[str, typer.Option(help="train, validation or test.")] = "test",
    protocols: Annotated[
        str, typer.Option("--protocol", help="Protocols, by commas; `repcat metrics list`.")
    ] = ",".join(DEFAULT_PROTOCOLS),
    metrics: Annotated[
        str, typer.Option("--metric", help="Metrics from plugins, by commas: columns of standard.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score a run's predictions patient by patient: model, trivial baselines, faithfulness.

    Writes RUN/metrics/DATASET.PROTOCOL.csv, a row for each patient and method.
    """
    from repcat.commands.console import out, say, stages
    from repcat.registry.plugins import load_parts
    from repcat.report.tables.terminal import render
    from repcat.runs.run import Run
    from repcat.scoring.evaluate import evaluate_run

    opened = Run.open(run)
    with stages("patients") as advance:
        wanted = words(protocols), words(metrics)
        tables = evaluate_run(opened, load_parts(), *wanted, split, data, advance)
    if as_json:
        out.print_json(data={"run": str(run), "tables": [t.to_dict() for t in tables]})
        return
    for table in tables:
        for item in render(table, out.width):
            out.print(item)
        say("")
    say(f"every patient and figure: {opened.metrics}")
