"""Score files of a run by name: metrics/<dataset>[.<split>].<protocol>.csv."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from repcat.contracts import SPLITS
from repcat.errors import RunError
from repcat.runs.run import Run


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
