"""Worker pool: processes of one thread, quiet on Ctrl-C, gone with their parent."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from repcat.io.signals import end_with_parent


@contextmanager
def ignoring_ctrl_c() -> Iterator[None]:
    """Let processes that start here ignore Ctrl-C, which reaches the whole group, from birth."""
    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if main else None
    try:
        yield
    finally:
        if main:
            signal.signal(signal.SIGINT, before)


def start_worker() -> None:
    """Set up a process of the pool: from here on Ctrl-C ends it without a word."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    end_with_parent()
