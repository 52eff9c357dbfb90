"""`repcat evaluate`: a run's saved predictions, scored beside what costs nothing to predict."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from repcat.commands.options import Data, Json, Split
from repcat.commands.parse_lists import words
from repcat.scoring import DEFAULT_PROTOCOLS


def evaluate(
    run: Annotated[Path, Argument(help="Directory of a run with predictions.")],
    data: Data = None,
    split: Split = "test",
    protocols: Annotated[
        str, Option("--protocol", help="Protocols, by commas; `repcat metrics list`.")
    ] = ",".join(DEFAULT_PROTOCOLS),
    metrics: Annotated[
        str, Option("--metric", help="Metrics from plugins, by commas: columns of standard.")
    ] = "",
    as_json: Json = False,
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
