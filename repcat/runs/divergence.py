"""Divergence: what a run keeps of a training that came to no number, so that tables can say it."""

from __future__ import annotations

from dataclasses import dataclass

from repcat.errors import DivergenceError
from repcat.io.json_record import read_json_record, write_json_record
from repcat.runs.run import Run

FILE = "diverged.json"


@dataclass(frozen=True, slots=True)
class Divergence:
    """In which step, from 1 on, whose loss or gradient came to what: 'nan', 'inf' or '-inf'."""

    step: int
    player: str
    what: str
    value: str

    def __str__(self) -> str:
        return f"diverged in step {self.step}: {self.what} of {self.player} {self.value}"


def note_divergence(run: Run, error: DivergenceError) -> None:
    """Write into a run how it ended; a resumed one takes it away."""
    found = Divergence(error.step + 1, error.player, error.what, str(error.value))
    write_json_record(run.path / FILE, found)


def read_divergence(run: Run) -> Divergence | None:
    """Return how a run diverged, None where it did not."""
    return read_json_record(Divergence, run.path / FILE)
