"""A run and the patients it is measured on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor

from repcat.contracts import Patients
from repcat.data.stream import Shelf
from repcat.errors import DataError
from repcat.predict import Predictor, load_predictor
from repcat.recipe import Recipe
from repcat.registry import Parts
from repcat.run import Run
from repcat.scoring.evaluate import Advance, quiet
from repcat.scoring.measures.pose import DEGREES
from repcat.scoring.patient import between_extremes
from repcat.shapes import Batch, Patient


@dataclass(frozen=True, slots=True)
class Measuring:
    """How to measure: the split, the checkpoint, degrees of wrong pose, repeats of one input."""

    split: str = "test"
    step: int | None = None
    degrees: tuple[float, ...] = DEGREES
    device: str = "cpu"
    advance: Advance = quiet
    repeats: int = 2


@dataclass(frozen=True, slots=True)
class Subject:
    """A run and the patients it is measured on."""

    run: Run
    recipe: Recipe
    patients: Patients
    parts: Parts
    how: Measuring

    def predictor(self, step: int | None = None) -> Predictor:
        """Load a checkpoint, by default the one that is measured."""
        step, on = self.how.step if step is None else step, self.how.device
        return load_predictor(self.run, self.recipe, self.patients, self.parts, on, step)

    def each(self, stage: str, split: str) -> Iterator[Patient]:
        """Yield the patients of a split, telling how far the work is."""
        ids = self.patients.ids(split)
        if not ids:
            msg = f"{self.patients.name} has no {split} patients for {stage}; use another dataset"
            raise DataError(msg)
        for done, name in enumerate(ids, start=1):
            yield self.patients.load(name)
            self.how.advance(stage, done, len(ids))

    def volume(self, predictor: Predictor, patient: Patient) -> Tensor:
        """Predict one patient (D, H, W) in HU, between the truth's extremes where it must."""
        return self.volume_of(predictor, patient, Shelf(self.patients, self.recipe).of(patient))

    def volume_of(self, predictor: Predictor, patient: Patient, batch: Batch) -> Tensor:
        """Predict (D, H, W) in HU from a batch of one, which may be other X-rays of the patient."""
        hu = predictor.volume(batch)[0]
        stretched = self.recipe.data.volume == "minmax"
        return between_extremes(hu, patient.volume, self.recipe.window) if stretched else hu
