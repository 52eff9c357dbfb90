"""Checkpoint writer: what a step came to is written while the next ones are computed."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from torch import Tensor

from repcat.errors import RunError
from repcat.runs.checkpoint import State
from repcat.runs.run import Run

BETWEEN = "between"
"""Marks a checkpoint that a signal made beside those of train.save_every; the next replaces it."""


class CheckpointWriter:
    """Write the checkpoints of a run in their order, one at a time, and keep the last `keep`.

    Used in a `with`, whose end waits for the one that is being written. A state is copied to the
    processor's memory first, as training changes its tensors in place: that much memory is taken
    meanwhile. What goes wrong is raised by the next call.
    """

    def __init__(self, run: Run, keep: int) -> None:
        self.run, self.keep = run, keep
        self._pool = ThreadPoolExecutor(1, "checkpoint")
        self._writing: Future[None] | None = None

    def __enter__(self) -> CheckpointWriter:
        return self

    def __exit__(self, *error: Any) -> None:  # noqa: ANN401  (type, error, traceback)
        self._pool.shutdown()

    def write(self, step: int, state: State) -> None:
        """Begin to write a state, once the one before is written."""
        self.wait()
        copies = {name: _copied(table) for name, table in state.tensors.items()}
        self._writing = self._pool.submit(self._write, step, State(copies, dict(state.values)))

    def check(self) -> None:
        """Raise what went wrong with a state that is written by now, if anything."""
        if self._writing and self._writing.done():
            self.wait()

    def wait(self) -> None:
        """Wait until all is written.

        Raises:
            RepcatError: what went wrong with it, a full disk for one.
        """
        writing, self._writing = self._writing, None
        if writing:
            writing.result()

    def _write(self, step: int, state: State) -> None:
        between = [old for old in self.run.steps() if is_between(self.run, old)]
        self.run.save(step, state)
        for old in between:
            self.run.delete(old)
        self.run.keep_last(self.keep)


def is_between(run: Run, step: int) -> bool:
    """Whether a checkpoint is one that a signal made."""
    try:
        return bool(run.values(step).get(BETWEEN))
    except RunError:  # a damaged one is told by who reads it, and no reason to stop a training
        return False


def _copied(table: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: t.to("cpu", copy=True) for name, t in table.items()}
