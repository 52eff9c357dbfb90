"""A repcat command in a process group of its own, forked so that it begins at once."""

from __future__ import annotations

import contextlib
import fcntl
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path


class Command:
    """A running `repcat WORDS`; what it prints goes into a pipe, which no limit of files bounds.

    `before` runs in the child first, to set limits.
    """

    def __init__(
        self, words: Sequence[object], cwd: Path, before: Callable[[], None] = bool
    ) -> None:
        self.began, self._said = time.monotonic(), b""
        self._pipe, output = os.pipe()
        fcntl.fcntl(output, fcntl.F_SETPIPE_SZ, 1 << 20)
        os.set_blocking(self._pipe, False)
        sys.stdout.flush()
        self.pid = os.fork()
        if not self.pid:
            _become([str(word) for word in words], cwd, output, before)
        os.close(output)

    def __del__(self) -> None:
        os.close(self._pipe)

    def running(self) -> bool:
        """Whether it has not ended; collects its exit code when it has."""
        if not hasattr(self, "code"):
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self.code = os.waitstatus_to_exitcode(status)
        return not hasattr(self, "code")

    def kill(self, number: int) -> None:
        """Signal the whole group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def wait(self, seconds: float = 120.0) -> int:
        """Return the exit code, or -99 for a hang, which is killed."""
        while self.running():
            if time.monotonic() - self.began > seconds:
                self.kill(signal.SIGKILL)
                os.waitpid(self.pid, 0)
                self.code = -99
                break
            time.sleep(0.005)
        return self.code

    @property
    def said(self) -> str:
        """What it printed."""
        with contextlib.suppress(BlockingIOError):
            while part := os.read(self._pipe, 1 << 20):
                self._said += part
        return self._said.decode("utf-8", errors="replace")


def limit_files(size: int) -> Callable[[], None]:
    """Return what bounds the files that a process writes, as a quota does."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _become(words: list[str], cwd: Path, output: int, before: Callable[[], None]) -> None:
    """Be the command until its end; never returns."""
    code = 1
    try:
        os.setsid()
        os.chdir(cwd)
        for stream in (1, 2):
            os.dup2(output, stream)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a background
        before()
        sys.argv = ["repcat", *words]
        code = _main()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _main() -> int:
    from repcat.cli import main

    try:
        main()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except BaseException:  # noqa: BLE001  (a traceback is what the campaign looks for)
        traceback.print_exc()
        return 1
    return 0
