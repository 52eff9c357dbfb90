"""Model record: model.json, what an exported model says of itself beside its weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from repcat.errors import DataError
from repcat.io.json_record import read_json_record, write_json_record
from repcat.io.notice import SYNTHETIC
from repcat.scoring.summary import MODEL
from repcat.version import __version__

FILE = "model.json"
FORMAT = 1  # of an exported folder; a larger one is a newer repcat's
NOT_STATED = "not stated"
FIGURE = "body_psnr"  # by which models are told apart, in dB


@dataclass(frozen=True, slots=True)
class StatedScores:
    """A table of scores as the card has it: each method's figures, the mean over `patients`.

    `views` are those that were read, `fingerprint` tells the dataset. `interval` holds the ends of
    the interval of the model's body PSNR, or none; `is_range`: of so few patients their range.
    """

    dataset: str
    fingerprint: str
    split: str
    protocol: str
    patients: int
    views: list[str]
    means: dict[str, dict[str, float]]
    interval: list[float]
    is_range: bool = False

    def mean(self, method: str, figure: str = FIGURE) -> float | None:
        """Return a method's mean of a figure; None where it is not stated."""
        return self.means.get(method, {}).get(figure)

    @property
    def is_sound(self) -> bool:
        """Whether every value is of its kind, whatever file it was read from."""
        try:
            words = [self.dataset, self.fingerprint, self.split, self.protocol, *self.views]
            numbers = [v for row in self.means.values() for v in row.values()] + self.interval
            finite = all(isinstance(n, int | float) and math.isfinite(n) for n in numbers)
        except (AttributeError, TypeError, OverflowError):
            return False
        return (
            finite
            and all(isinstance(word, str) for word in words)
            and isinstance(self.patients, int)
            and isinstance(self.is_range, bool)
            and len(self.interval) in (0, 2)
        )


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """On what a model was trained, under which licence it is, and what it scored.

    `half`: the weights are stored in half precision. `repcat` is the version that exported it,
    `format` that of the folder.
    """

    data: str = NOT_STATED
    licence: str = NOT_STATED
    scores: list[dict[str, Any]] = field(default_factory=list)
    half: bool = False
    note: str = SYNTHETIC
    repcat: str = __version__
    format: int = FORMAT

    @classmethod
    def of(cls, scores: Sequence[StatedScores], data: str, licence: str, half: bool) -> ModelRecord:
        """Make the record of a model; an empty licence is not stated."""
        return cls(data, licence or NOT_STATED, [asdict(one) for one in scores], half)

    @classmethod
    def read(cls, folder: Path) -> ModelRecord:
        """Read the record of an exported model; one of before has none, and states nothing.

        Raises:
            DataError: where it is not what was written, or a newer repcat exported the model.
        """
        file = folder / FILE
        if not file.exists():
            return cls(repcat="")
        found = read_json_record(cls, file)
        if found and found.format > FORMAT:
            msg = (
                f"{folder} was exported by repcat {found.repcat} in format {found.format}, and "
                f"this is repcat {__version__}, which reads format {FORMAT}: install a newer "
                "repcat, or an older version of the model"
            )
            raise DataError(msg, code="newer-format")
        if found is None or not found._is_sound:
            msg = f"{file} is not what `repcat export` wrote; install or export the model again"
            raise DataError(msg, code="file-damaged")
        return found

    def write(self, folder: Path) -> None:
        """Write it beside the weights."""
        write_json_record(folder / FILE, self)

    @property
    def stated(self) -> list[StatedScores]:
        """The tables of scores."""
        return [StatedScores(**one) for one in self.scores]

    @property
    def main(self) -> StatedScores | None:
        """The table by which the model is told from others: the first of test patients' bodies."""
        tests = (one for one in self.stated if one.split == "test")
        return next((one for one in tests if one.mean(MODEL) is not None), None)

    @property
    def _is_sound(self) -> bool:
        try:
            return all(one.is_sound for one in self.stated)
        except TypeError:  # no table of such keys
            return False
