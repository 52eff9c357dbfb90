"""Launcher: many trainings side by side, each in a process of its own that ends with this one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from repcat.errors import TrainingError
from repcat.io.signals import LEASH

PROGRAM = (sys.executable, "-m", "repcat")


def train_apart(
    commands: Sequence[tuple[Sequence[str], Path]],
    jobs: int,
    device: str,
    advance: Callable[[int], None] = lambda done: None,
    excused: Callable[[Path], bool] = lambda log: False,
) -> None:
    """Run `repcat train` commands, `jobs` at a time; what each prints goes to a file of its own.

    `commands` pairs the words after `repcat` with that file. The cores are shared out. A failure
    is told when the others are done: they are whole runs of their own; one that is `excused`, by
    its file, is none. Where this process is stopped or killed, they save and end.

    Raises:
        TrainingError: naming the last line of what failed first.
    """
    leash = Leash(max(1, (os.cpu_count() or 1) // jobs))
    failed: list[str] = []

    def work(item: tuple[Sequence[str], Path]) -> None:
        words, log = item
        problem = leash.run([*words, "--device", device], log)
        if problem and not excused(log):
            failed.append(problem)

    with ThreadPoolExecutor(jobs) as pool:
        try:
            for done, _ in enumerate(pool.map(work, commands), start=1):
                advance(done)
        except BaseException:
            leash.let_go()
            pool.shutdown(cancel_futures=True)
            raise
        finally:
            leash.cut()
    if failed:
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        raise TrainingError(failed[0] + more, code="training-failed")


class Leash:
    """Children whose standard input this process holds open: it closes however the process ends."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._lock, self._children, self._gone = Lock(), set[subprocess.Popen[bytes]](), False

    def run(self, words: Sequence[str], log: Path) -> str | None:
        """Run one command; returns what went wrong."""
        log.parent.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)  # a child of a killed study may be saying its last words there
        with log.open("w", encoding="utf-8") as file:
            with self._lock:
                if self._gone:
                    return "stopped"
                child = self._start(words, file.fileno())
                self._children.add(child)
            child.wait()
            self._close(child)
        if child.returncode == 0:
            return None
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        said = lines[-1].removeprefix("error: ") if lines else f"exit code {child.returncode}"
        return f"a training failed: {said}; all it said is in {log}"

    def _start(self, words: Sequence[str], output: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*PROGRAM, *words],
            env={**os.environ, "OMP_NUM_THREADS": str(self.threads), LEASH: "held"},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def let_go(self) -> None:
        """Have all children save and end, and start no more."""
        with self._lock:
            self._gone = True
            for child in self._children:
                self._close(child)

    @staticmethod
    def _close(child: subprocess.Popen[bytes]) -> None:
        if child.stdin:
            child.stdin.close()

    def cut(self) -> None:
        """End at once what is left: a second signal came."""
        for child in self._children:
            if child.poll() is None:
                child.terminate()
