"""Subject of measures: an open run, how it is measured, and by which weights it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from torch import Tensor

from repcat.analysis.pose_sensitivity import DEGREES
from repcat.errors import DataError
from repcat.inference.predictor import Predictor, load_predictor
from repcat.runs.checkpoint import weights_hash
from repcat.runs.opened import OpenRun
from repcat.scoring.evaluate import Advance, quiet
from repcat.types import Batch, Patient


@dataclass(frozen=True, slots=True)
class Measuring:
    """How to measure: the split, the checkpoint, degrees of wrong pose, repeats of one input.

    `projectors` are those by which X-rays are cast anew beside the recipe's own, for films.
    """

    split: str = "test"
    step: int | None = None
    degrees: tuple[float, ...] = DEGREES
    device: str = "cpu"
    advance: Advance = quiet
    repeats: int = 2
    projectors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """An open run, how it is measured, and the hashes of the weights that were, by step."""

    opened: OpenRun
    how: Measuring
    weights: dict[str, str] = field(default_factory=dict)

    def predictor(self, step: int | None = None) -> Predictor:
        """Load a checkpoint, by default the one that is measured."""
        step = self.how.step if step is None else step
        found = load_predictor(self.opened, self.how.device, step)
        self.weights[str(found.step)] = weights_hash(self.opened.run.checkpoint(found.step))
        return found

    def each(self, stage: str, split: str) -> Iterator[Patient]:
        """Yield the patients of a split, telling how far the work is."""
        patients = self.opened.patients
        if not (ids := patients.ids(split)):
            msg = f"{patients.name} has no {split} patients for {stage}; use another dataset"
            raise DataError(msg, code="no-patients")
        for done, name in enumerate(ids, start=1):
            yield patients.load(name)
            self.how.advance(stage, done, len(ids))

    def volume(self, predictor: Predictor, patient: Patient, batch: Batch | None = None) -> Tensor:
        """Predict one patient (D, H, W) in HU as it is scored, from its own X-rays or `batch`."""
        batch = self.opened.cache.of(patient) if batch is None else batch
        return self.opened.in_hu(predictor.volume(batch)[0], patient.volume)
