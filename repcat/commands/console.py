"""Console: colour, progress bars and failure, in one place."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from rich import progress as bars
from rich.console import Console
from rich.text import Text

from repcat.errors import Stopped
from repcat.io.signals import STOPS, handled_by, stop

out = Console(highlight=False, soft_wrap=True, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)

SAY_EVERY = 60.0
"""Seconds between two lines of a bar that goes to a file, where nothing moves."""


class Bar(bars.Progress):
    """A bar of progress that ends on Ctrl-C and SIGTERM, whenever; in a file, a line a minute.

    Python drops an exception that meets the callback of a weak reference, and torch has many of
    them: the next update raises it again.
    """

    def __enter__(self) -> Bar:
        self._said, self._ended = self.get_time(), set[bars.TaskID]()
        self._pressed = 0
        self._hook, sys.unraisablehook = sys.unraisablehook, self._dropped
        self._handled = handled_by(self._press, *STOPS)
        self._handled.__enter__()
        super().__enter__()
        return self

    def __exit__(self, *error: Any) -> None:  # noqa: ANN401  (type, error, traceback)
        super().__exit__(*error)
        self._handled.__exit__(None, None, None)
        sys.unraisablehook = self._hook

    def update(self, *task: Any, **changes: Any) -> None:  # noqa: ANN401  (rich's own)
        """Move on, unless a signal came."""
        if self._pressed:
            stop(self._pressed)
        super().update(*task, **changes)
        if self.disable:
            self._say()

    def _say(self) -> None:
        """Tell a file what runs, once a minute, and what has ended, once."""
        now = self.get_time()
        due = now - self._said >= SAY_EVERY
        for task in self.tasks:
            ended = task.finished and task.id not in self._ended
            if ended or (due and task.started and not task.finished):
                cells = (column(task) for column in self.columns if callable(column))
                words = [str(cell) for cell in cells if isinstance(cell, Text) and cell]
                self.console.print(" ".join(words), markup=False)
            if ended:
                self._ended.add(task.id)
        if due:
            self._said = now

    def _press(self, number: int, frame: FrameType | None) -> None:
        self._pressed = number
        stop(number)

    def _dropped(self, lost: Any) -> None:  # noqa: ANN401  (sys.UnraisableHookArgs)
        if lost.exc_type not in (KeyboardInterrupt, Stopped):
            self._hook(lost)


def progress(unit: str) -> Bar:
    """Return a bar with count, time left and a free field `note`."""
    return Bar(
        bars.TextColumn("{task.description}"),
        bars.BarColumn(bar_width=24),
        bars.MofNCompleteColumn(),
        bars.TextColumn(unit),
        bars.TimeElapsedColumn(),
        bars.TextColumn("left"),
        bars.TimeRemainingColumn(),
        bars.TextColumn("{task.fields[note]}"),
        console=err,
        disable=not err.is_terminal,
    )


@contextmanager
def stages(unit: str) -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar for each stage of a work; gives what is told stage, how many done, of how many."""
    with progress(unit) as bar:
        tasks: dict[str, bars.TaskID] = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, note="")
            bar.update(tasks[stage], completed=done, total=total)

        yield advance


def fail(message: str) -> None:
    """Print an error the user can cure."""
    err.print("[bold red]error:[/] ", end="")
    err.print(message, markup=False)


def say(message: str) -> None:
    """Print a line as it is."""
    out.print(message, markup=False)
