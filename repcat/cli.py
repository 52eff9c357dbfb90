"""The command line: one command a file in `commands`; errors in one line, exit code 2."""

from __future__ import annotations

import signal
import sys
from importlib import import_module
from typing import NoReturn

import typer

from repcat.errors import RepcatError, Stopped, cut
from repcat.io import signals
from repcat.version import __version__

MOST_SAID = 2_000  # letters of an error, whatever it echoes
INTERRUPTED = 130  # 128 + SIGINT, as shells count
# Modules of `commands`, in the order of --help; one with commands of its own has an `app`.
COMMANDS = """
demo recipes models fetch prepare train calibrate predict evaluate verify export measure figure
metrics parts check new compare report view coverage bench doctor
"""

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


for name in COMMANDS.split():
    module = import_module(f"repcat.commands.{name}")
    if hasattr(module, "app"):
        app.add_typer(module.app, name=name)
    else:
        app.command(name)(getattr(module, name))


def main() -> None:
    """Run the command line; what the user can cure prints without a traceback."""
    try:
        with signals.handled_by(signals.stop, signal.SIGTERM):
            signals.end_with_starter()
            app()
    except RepcatError as error:
        _end(str(error))
    except (MemoryError, RuntimeError) as error:
        from repcat.data.loader_worker import KILLED, is_killed_worker, told_once
        from repcat.device import is_out_of_memory

        if is_killed_worker(error):
            told_once()
            _end(KILLED)
        if not is_out_of_memory(error):
            raise
        _end(
            "out of memory; what is written is whole: lower train.batch_size, data.size or the "
            "backbone's widths, or choose another --device; docs/messages.md#out-of-memory"
        )
    except Stopped as stop:
        _stopped(stop.said, int(stop.code or 0))
    except SystemExit as stop:
        if stop.code != INTERRUPTED:
            raise
        _stopped("", INTERRUPTED)  # typer has caught the KeyboardInterrupt


def _stopped(said: str, code: int) -> NoReturn:
    what = said or "what is written is whole"
    _end(f"stopped; {what}, the same command goes on (train: with --resume)", code)


def _end(message: str, code: int = 2) -> NoReturn:
    from repcat.commands.console import fail

    fail(cut(message, MOST_SAID))
    sys.exit(code)
