"""Launcher: many trainings side by side, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from repcat.errors import TrainingError


def train_apart(
    commands: Sequence[tuple[Sequence[str], Path]],
    jobs: int,
    device: str,
    advance: Callable[[int], None] = lambda done: None,
) -> None:
    """Run `repcat train` commands, `jobs` at a time; what each prints goes to a file of its own.

    `commands` pairs the words after `repcat` with that file. The cores are shared out. A failure
    is told when the others are done: they are whole runs of their own.

    Raises:
        TrainingError: naming the last line of what failed first.
    """
    threads = max(1, (os.cpu_count() or 1) // jobs)
    failed: list[str] = []

    def work(item: tuple[Sequence[str], Path]) -> None:
        words, log = item
        if problem := _run([*words, "--device", device], log, threads):
            failed.append(problem)

    with ThreadPoolExecutor(jobs) as pool:
        for done, _ in enumerate(pool.map(work, commands), start=1):
            advance(done)
    if failed:
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        raise TrainingError(failed[0] + more, code="training-failed")


def _run(words: Sequence[str], log: Path, threads: int) -> str | None:
    """Run one command; returns what went wrong."""
    log.parent.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    command = [sys.executable, "-m", "repcat", *words]
    with log.open("w", encoding="utf-8") as file:
        child = subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, env=env, check=False)
    if child.returncode == 0:
        return None
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    said = lines[-1].removeprefix("error: ") if lines else f"exit code {child.returncode}"
    return f"a training failed: {said}; all it said is in {log}"
