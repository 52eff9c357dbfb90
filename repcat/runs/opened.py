"""Open run: a run with its recipe and patients, with which every command over it begins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from torch import Tensor

from repcat.config.recipe import Recipe
from repcat.contracts import Patients
from repcat.data.intensity import between_extremes
from repcat.data.loader import PatientCache
from repcat.errors import DataError, RunError
from repcat.models.build import make_projector, open_patients
from repcat.registry.parts import Parts
from repcat.runs.run import Run
from repcat.runs.saved_predictions import SavedPredictions, check_belonging
from repcat.types import Projector


@dataclass(frozen=True)
class OpenRun:
    """A run, its recipe, and the patients it is looked at with.

    `data` is the prepared dataset that takes the place of the recipe's own, where there is one.
    """

    run: Run
    recipe: Recipe
    patients: Patients
    parts: Parts
    data: Path | None = None

    @classmethod
    def of(cls, run: Run | Path, parts: Parts, data: Path | None = None) -> OpenRun:
        """Open a run and the patients of its own dataset, or of a prepared one.

        Raises:
            RunError: where there is no run.
            RecipeError: where its recipe cannot be read, or names what is not installed.
            DataError: where the dataset is not there.
        """
        run = run if isinstance(run, Run) else Run.open(run)
        recipe = run.recipe(parts)
        return cls(run, recipe, open_patients(recipe, parts, data), parts, data)

    @cached_property
    def cache(self) -> PatientCache:
        """The patients as the recipe wants to see them."""
        return PatientCache(self.patients, self.recipe)

    @cached_property
    def projector(self) -> Projector:
        """The recipe's projector."""
        return make_projector(self.recipe, self.parts)

    @property
    def stretched(self) -> bool:
        """Whether the model learnt volumes between their own extremes, so that it knows no HU."""
        return self.recipe.data.volume == "minmax"

    @property
    def predictions(self) -> Path:
        """The folder of the run's predictions on these patients."""
        return self.run.predictions(self.patients.name)

    def ids(self, split: str, count: int | None = None) -> tuple[str, ...]:
        """Return the first `count` patients of a split, or all.

        Raises:
            DataError: where it has none.
        """
        ids = self.patients.ids(split)
        if not ids:
            msg = f"{self.patients.name} has no patient in split {split}; choose another --split"
            raise DataError(msg, code="no-patients")
        return ids[:count]

    def in_hu(self, prediction: Tensor, truth: Tensor) -> Tensor:
        """Return a prediction (D, H, W) in HU as it is scored.

        Where the model knows no HU the truth lends its range, as the released code has it.
        """
        window = self.recipe.window
        return between_extremes(prediction, truth, window) if self.stretched else prediction

    def saved_predictions(self, split: str) -> SavedPredictions:
        """Return the predictions of a split that there are.

        Raises:
            DataError: where the split has no patient.
            RunError: where there is no prediction, or one is not of this run and these patients,
                with the command that makes them.
        """
        files = {i: self.predictions / f"{i}.npy" for i in self.ids(split)}
        found = {i: file for i, file in files.items() if file.is_file()}
        if not found:
            where, cure = f"{self.patients.name}, split {split}", self.predict_command(split)
            msg = f"{self.run.path} has no predictions on {where}; run: {cure}"
            raise RunError(msg, code="no-predictions")
        cure = self.predict_command(split)
        return check_belonging(self.run, self.patients, self.recipe.views, found, cure)

    def predict_command(self, split: str) -> str:
        """Return the command that makes the predictions of a split."""
        data = f" --data {self.data}" if self.data else ""
        other = "" if split == "test" else f" --split {split}"
        return f"repcat predict {self.run.path}{data}{other}"
