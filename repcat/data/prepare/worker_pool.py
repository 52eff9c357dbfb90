"""Worker pool: processes of one thread, quiet on Ctrl-C, gone with their parent.

On Linux they are forked from a server that has imported what they need: it starts once, runs no
thread of torch and ends with its parent. Elsewhere each starts and imports by itself.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from multiprocessing.context import BaseContext
from typing import TypeVar

import torch

from repcat.errors import DataError
from repcat.io.signals import end_with_parent

T = TypeVar("T")
R = TypeVar("R")
IMPORTS = "repcat.data.prepare.worker_imports"


def start_context() -> BaseContext:
    """Return how workers start; where they are forked, let their server begin to import."""
    if sys.platform != "linux":
        return get_context("spawn")
    from multiprocessing import forkserver

    context = get_context("forkserver")
    context.set_forkserver_preload([IMPORTS])
    with ignoring_ctrl_c(), _same_modules():
        forkserver.ensure_running()
    return context


def map_apart(
    make: Callable[[T], R], jobs: Sequence[T], count: int, context: BaseContext
) -> Iterator[R]:
    """Yield what `make` gives of each job, as they come, from `count` processes at most.

    Raises:
        DataError: where one of them was killed.
    """
    pool = ProcessPoolExecutor(min(count, len(jobs)), context, start_worker)
    try:
        with ignoring_ctrl_c():
            futures = [pool.submit(make, job) for job in jobs]
        yield from (future.result() for future in as_completed(futures))
    except BrokenProcessPool as error:
        msg = "a worker was killed, probably for want of memory; run it again with fewer --jobs"
        raise DataError(msg, code="worker-killed") from error
    except (KeyboardInterrupt, SystemExit):
        for worker in active_children():  # each writes whole files; what it was at is done again
            worker.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


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


@contextmanager
def _same_modules() -> Iterator[None]:
    """Let a Python that starts here import from where this one does, first of all this repcat."""
    ours = {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "PYTHONSAFEPATH": "1"}
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def start_worker() -> None:
    """Set up a process of the pool: from here on Ctrl-C ends it without a word."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    end_with_parent()
