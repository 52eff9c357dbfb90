"""How repcat prints: one place for colour, progress and failure."""

from __future__ import annotations

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def progress(unit: str) -> Progress:
    """Return a bar with count, time left and a free field `note`."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=err,
    )


def fail(message: str) -> None:
    """Print an error the user can cure."""
    err.print("[bold red]error:[/] ", end="")
    err.print(message, markup=False)


def say(message: str) -> None:
    """Print a line as it is."""
    out.print(message, markup=False)
