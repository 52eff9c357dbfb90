"""What a bar says where nothing moves."""

import io
import signal
import sys
import weakref

import pytest
import torch
from rich.console import Console
from rich.progress import BarColumn, TextColumn

from repcat.commands.console import SAY_EVERY, Bar, progress
from repcat.errors import Stopped


def test_a_bar_in_a_file_says_a_line_a_minute():
    now = [0.0]
    file = io.StringIO()
    column = TextColumn("{task.description} {task.completed:.0f}/{task.total:.0f}")
    console = Console(file=file, width=80)
    bar = Bar(column, BarColumn(), console=console, get_time=lambda: now[0], disable=True)
    with bar:
        task = bar.add_task("training", total=6)
        for step in range(1, 6):
            now[0] = step * SAY_EVERY / 2
            bar.update(task, completed=step)
        bar.update(task, completed=6)
        bar.update(task, completed=6)
    assert file.getvalue() == "training 2/6\ntraining 4/6\ntraining 6/6\n"


def test_a_bar_on_a_terminal_says_no_lines():
    now = [0.0]
    file = io.StringIO()
    console = Console(file=file, width=80, force_terminal=True)
    with Bar(TextColumn("{task.completed:.0f}"), console=console, get_time=lambda: now[0]) as bar:
        task = bar.add_task("training", total=100)
        bar.stop()
        file.truncate(0)
        now[0] = 2 * SAY_EVERY
        bar.update(task, completed=7)
        assert "7" not in file.getvalue()


@pytest.mark.parametrize(
    ("number", "ended"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Stopped)]
)
def test_a_signal_in_a_callback_that_swallows_it_ends_the_bar(capfd, number, ended):
    def press(_):
        signal.raise_signal(number)

    before = signal.getsignal(number), sys.unraisablehook
    with pytest.raises(ended), progress("steps") as bar:
        task = bar.add_task("training", note="")
        thing = torch.nn.Linear(1, 1)
        kept = weakref.ref(thing, press)
        del thing
        assert kept() is None
        bar.update(task, advance=1)
    assert (signal.getsignal(number), sys.unraisablehook) == before
    assert "ignored" not in capfd.readouterr().err
