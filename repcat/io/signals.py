"""Signals: Ctrl-C and SIGTERM end a command in one line, at once or where it may be stopped.

A process that another one started ends with it: by a pipe that the other holds, which closes
however it ends.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from repcat.errors import Stopped
from repcat.io.lock import say_ending

STOPS = (signal.SIGINT, signal.SIGTERM)
LEASH = "REPCAT_LEASH"
"""Set for a process whose standard input its parent holds open as long as it is to run."""

_asked: list[int] = []


@contextmanager
def handled_by(handler: Callable[[int, FrameType | None], Any], *numbers: int) -> Iterator[None]:
    """Let signals call a handler; outside the main thread, where Python forbids it, nothing is."""
    main = threading.current_thread() is threading.main_thread()
    before = {number: signal.signal(number, handler) for number in numbers if main}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def stop(number: int, frame: FrameType | None = None) -> None:
    """End at once, by the exception that belongs to a signal."""
    say_ending()
    raise KeyboardInterrupt if number == signal.SIGINT else Stopped(number)


@contextmanager
def asked_to_stop() -> Iterator[Callable[[], int]]:
    """Note the first signal and go on; gives what tells its number, 0 before. A second one ends."""
    before = {number: signal.getsignal(number) for number in STOPS}

    def note(number: int, frame: FrameType | None) -> None:
        if not _asked:
            _asked.append(number)
            say_ending()
        elif callable(old := before[signal.Signals(number)]):
            old(number, frame)
        else:
            stop(number)

    _asked.clear()
    try:
        with handled_by(note, *STOPS):
            yield lambda: _asked[0] if _asked else 0
    finally:
        _asked.clear()


def end_with_starter() -> None:
    """Where this process is on a leash, end it as SIGTERM would when the leash is let go."""
    if not os.environ.pop(LEASH, ""):
        return

    def watch() -> None:
        while os.read(0, 1):
            pass
        say_ending()
        if not _asked:  # else it is ending already, and a second signal would cut that short
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def end_with_parent() -> None:
    """End a worker of multiprocessing at once when its parent is gone; it would wait for ever."""

    def watch() -> None:
        if parent := multiprocessing.parent_process():
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def leave_signals_to_parent() -> None:
    """Go on in a worker when Ctrl-C or SIGTERM reach the whole group: the parent says when to end.

    A SIGTERM of the parent itself ends the worker. Where the system does not tell who sent one
    (macOS), each does.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not hasattr(signal, "sigwaitinfo"):
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})

    def watch() -> None:
        while signal.sigwaitinfo({signal.SIGTERM}).si_pid != os.getppid():
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
