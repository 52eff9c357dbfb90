"""The command line: one command a file in `commands`; errors in one line, exit code 2."""

from __future__ import annotations

import sys

import typer

from repcat.commands import (
    bench,
    check,
    compare,
    coverage,
    demo,
    doctor,
    evaluate,
    export,
    fetch,
    figure,
    measure,
    metrics,
    new,
    parts,
    predict,
    prepare,
    recipes,
    report,
    train,
    view,
)
from repcat.version import __version__

INTERRUPTED = 130  # 128 + SIGINT, as shells count

app = typer.Typer(
    name="repcat",
    help="Reconstruct a 3D CT volume from one to eight 2D X-rays. Research software, not a medical "
    "device.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"repcat {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and stop."
    ),
) -> None:
    pass


app.command("demo")(demo.demo)
app.add_typer(recipes.app, name="recipes")
app.command("fetch")(fetch.fetch)
app.command("prepare")(prepare.prepare)
app.command("train")(train.train)
app.command("predict")(predict.predict)
app.command("evaluate")(evaluate.evaluate)
app.command("export")(export.export)
app.command("measure")(measure.measure)
app.add_typer(figure.app, name="figure")
app.add_typer(metrics.app, name="metrics")
app.command("parts")(parts.parts)
app.command("check")(check.check)
app.command("new")(new.new)
app.command("compare")(compare.compare)
app.command("report")(report.report)
app.command("view")(view.view)
app.command("coverage")(coverage.coverage)
app.command("bench")(bench.bench)
app.command("doctor")(doctor.doctor)


def main() -> None:
    """Run the command line; what the user can cure prints without a traceback."""
    from repcat.errors import RepcatError

    try:
        app()
    except RepcatError as error:
        from repcat.commands.console import fail

        fail(str(error))
        sys.exit(2)
    except (MemoryError, RuntimeError) as error:
        from repcat.commands.console import fail
        from repcat.device import is_out_of_memory

        if not is_out_of_memory(error):
            raise
        fail(
            "out of memory; what is written is whole: lower train.batch_size, data.size or the "
            "backbone's widths, or choose another --device; docs/messages.md#out-of-memory"
        )
        sys.exit(2)
    except SystemExit as stop:
        if stop.code == INTERRUPTED:  # typer has caught the KeyboardInterrupt
            from repcat.commands.console import fail

            fail("stopped; what is written is whole, the same command goes on (train: --resume)")
        raise


if __name__ == "__main__":
    main()
