"""Score files of a run: metrics/<dataset>[.<split>].<protocol>.csv, a row a patient and method."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from repcat.contracts import SPLITS
from repcat.errors import DataError, RunError
from repcat.io.atomic import atomic_file
from repcat.runs.run import Run
from repcat.scoring.summary import MODEL, Scores

# Patient to figure to value.
Figures = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class ScoreFile:
    """What a score file is about, as its name says it; the test split is not named."""

    dataset: str
    protocol: str
    split: str = "test"

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.label}.{self.protocol}.csv"

    @property
    def label(self) -> str:
        """The dataset, with its split where it is not the test split."""
        return self.dataset if self.split == "test" else f"{self.dataset}.{self.split}"

    @classmethod
    def parse(cls, path: Path) -> ScoreFile:
        """Read what a file is about from its name."""
        stem, _, protocol = path.stem.rpartition(".")
        dataset, _, split = stem.rpartition(".")
        named = bool(dataset) and split in SPLITS and split != "test"
        return cls(dataset, protocol, split) if named else cls(stem, protocol)


def score_path(run: Run, dataset: str, protocol: str, split: str = "test") -> Path:
    """Return where a run keeps a table."""
    return run.metrics / ScoreFile(dataset, protocol, split).name


def list_score_files(run: Run, protocol: str | None = None) -> dict[ScoreFile, Path]:
    """Return a run's score files, those of one protocol or all, in the order of their names."""
    files = sorted(run.metrics.glob(f"*.{protocol or '*'}.csv"))
    return {ScoreFile.parse(path): path for path in files}


def check_scored(run: Run, protocol: str) -> dict[ScoreFile, Path]:
    """Return the score files of test splits by a protocol.

    Raises:
        RunError: where there is none, with the command that makes one.
    """
    found = {k: path for k, path in list_score_files(run, protocol).items() if k.split == "test"}
    if not found:
        msg = f"{run.path} has no scores by {protocol}; run: repcat evaluate {run.path}"
        raise RunError(msg, code="nothing-scored")
    return found


def write_scores(run: Run, scores: Scores) -> Path:
    """Write a table as CSV; the file appears whole or not at all."""
    head = scores.header
    path = score_path(run, head.dataset, head.protocol, head.split)
    with atomic_file(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "method", *scores.columns])
        for row in scores.rows:
            values = (f"{row.figures[c]:.7g}" for c in scores.columns)
            writer.writerow([row.patient, row.method, *values])
    return path


def read_methods(path: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Read a score file: method to patient to figure to value.

    Raises:
        DataError: where it is no table that `repcat evaluate` or `repcat measure` wrote.
    """
    found: dict[str, dict[str, dict[str, float]]] = {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            for record in csv.DictReader(file):
                method, patient = record.pop("method"), record.pop("id")
                figures = {k: float(v) for k, v in record.items()}
                found.setdefault(method, {})[patient] = figures
    except (OSError, KeyError, ValueError, TypeError) as error:
        msg = f"{path} is no table that `repcat evaluate` wrote ({error}); evaluate again"
        raise DataError(msg, code="scores-damaged") from None
    return found


def read_scores(path: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Read a score file that has the model's rows; see `read_methods`."""
    found = read_methods(path)
    if MODEL not in found:
        msg = f"{path} has no rows of the method {MODEL!r}; evaluate the run again"
        raise DataError(msg, code="no-model-rows")
    return found


def figure_of(path: Path, figure: str, method: str = MODEL) -> list[float]:
    """Read one figure of one method, patient by patient.

    Raises:
        DataError: where the file has no such figure, with those it has.
    """
    rows = list(read_methods(path).get(method, {}).values())
    if not rows or figure not in rows[0]:
        known = ", ".join(rows[0]) if rows else "no row"
        msg = f"{path} has no figure {figure!r}; it has {known}"
        raise DataError(msg, code="no-such-figure")
    return [row[figure] for row in rows]
