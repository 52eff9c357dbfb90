"""Status of each run of a study: to train, to predict, to score, or done."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Literal

from repcat.config.recipe import Recipe
from repcat.config.shipped import spelled
from repcat.contracts import Patients
from repcat.errors import RecipeError, RunError
from repcat.models.build import open_patients
from repcat.registry.parts import Parts
from repcat.runs.checkpoint import weights_hash
from repcat.runs.divergence import Divergence, read_divergence
from repcat.runs.prediction_record import byte_fault
from repcat.runs.run import Run
from repcat.runs.saved_predictions import check_belonging
from repcat.scoring.score_file import score_path
from repcat.scoring.score_record import ScoreRecord
from repcat.studies.expand import Variant
from repcat.studies.rows import folder_of
from repcat.studies.spec import Place
from repcat.training.begin import differences

Stage = Literal["untrained", "diverged", "unpredicted", "unscored", "scored"]


@dataclass(frozen=True, slots=True)
class StudyRun:
    """One seed of one row: the run it is trained in, and of which step it is scored."""

    variant: Variant
    seed: int
    run: Run
    step: int | None = None

    @property
    def recipe(self) -> Recipe:
        """The recipe with its seed."""
        recipe = self.variant.recipe
        return replace(recipe, train=replace(recipe.train, seed=self.seed))

    @property
    def settings(self) -> tuple[str, ...]:
        """All that is `--set` over the row's recipe file."""
        return (*self.variant.settings, f"train.seed = {self.seed}")

    @property
    def name(self) -> str:
        """The row's name, with the step where every checkpoint is a row."""
        return self.variant.row.name + ("" if self.step is None else f", step {self.step:,}")

    @property
    def scored(self) -> Run:
        """Where predictions and scores lie: in the run, or in the step's folder inside it."""
        path = self.run.path
        return self.run if self.step is None else Run(path / "steps" / f"{self.step:06d}")

    @property
    def last(self) -> int:
        """The step that is scored."""
        return self.step or self.recipe.train.steps

    @property
    def divergence(self) -> Divergence | None:
        """How the training came to no number before the step that is scored, where it did."""
        return read_divergence(self.run) if self.last not in self.run.steps() else None

    @property
    def trained(self) -> int:
        """The last saved step, 0 where there is none."""
        return (self.run.steps() or [0])[-1]

    @property
    def train_words(self) -> list[str]:
        """The command that trains this run, or goes on with it."""
        settings = [word for s in self.settings for word in ("--set", s)]
        resume = ["--resume"] if self.run.recipe_file.exists() else []
        assert self.variant.row.recipe is not None
        recipe = spelled(self.variant.row.recipe)
        return ["repcat", "train", recipe, "--out", str(self.run.path), *settings, *resume]


def study_runs(
    ready: Sequence[Variant], out: Path, seeds: Sequence[int], checkpoints: Sequence[int] = ()
) -> Iterator[StudyRun]:
    """Yield every run of a study, each row's seeds side by side."""
    for variant in ready:
        folder = out / folder_of(variant.row.name)
        for step, seed in product(_steps(variant, checkpoints), seeds):
            yield StudyRun(variant, seed, Run(folder / f"seed-{seed}"), step)


def stage_of(one: StudyRun, place: Place, protocols: Sequence[str], parts: Parts) -> Stage:
    """Say what a run still needs, by what is recorded beside its files; never by their times.

    Scores of these weights on these patients are enough: their volumes may be gone.
    """
    step = one.last
    if one.divergence:
        return "diverged"
    if step not in one.run.steps():
        return "untrained"
    patients = open_patients(one.recipe, parts, place.path)
    tables = [score_path(one.scored, patients.name, protocol) for protocol in protocols]
    if _scored(one, step, patients, tables):
        return "scored"
    return "unscored" if _predicted(one, step, patients) else "unpredicted"


def check_own_run(one: StudyRun, parts: Parts) -> None:
    """Raise RunError where the folder holds a run of another recipe."""
    if not one.run.recipe_file.exists():
        return
    if changed := differences(one.run.recipe(parts), one.recipe):
        data = [line for line in changed if line.startswith(("data.use", "data.path", "data.seed"))]
        what = "is a run of another dataset" if data else "has another recipe than its row"
        more = f" (and {len(changed) - 1} more)" if len(changed) > 1 else ""
        msg = (
            f"{one.run.path} {what}, {one.variant.row.name!r}: {(data or changed)[0]}{more}; give "
            "the --set it was made with, or choose another --out"
        )
        raise RunError(msg, code="other-run")
    if one.trained > one.recipe.train.steps:
        msg = (
            f"{one.run.path} is trained to step {one.trained} already, its row ends at "
            f"{one.recipe.train.steps}; choose another --out or --set 'train.steps = ...'"
        )
        raise RunError(msg, code="trained-further")


def next_command(one: StudyRun, place: Place, stage: Stage) -> str:
    """Return the command that brings a run one stage on."""
    if stage == "untrained":
        return shlex.join(one.train_words)
    words = ["repcat", "predict" if stage == "unpredicted" else "evaluate", str(one.scored.path)]
    if one.step is not None:
        return "repcat compare STUDY --train (it scores every checkpoint)"
    return shlex.join(words + (["--data", str(place.path)] if place.path else []))


def _steps(variant: Variant, checkpoints: Sequence[int]) -> list[int | None]:
    """Return the steps that are rows: those asked for, every saved one, or (None) the last alone.

    Raises:
        RecipeError: where one that is asked for is not saved.
    """
    train = variant.recipe.train
    grid = range(train.save_every, train.steps + 1, train.save_every)
    if variant.row.every_checkpoint:
        return [*sorted({*grid, train.steps})]
    asked = [step for step in checkpoints if step < train.steps]
    if lost := [step for step in asked if step not in grid]:
        msg = (
            f"row {variant.row.name!r} saves every {train.save_every} steps, and so not step "
            f"{lost[0]} of checkpoints; set a train.save_every that divides it"
        )
        raise RecipeError(msg, code="not-saved")
    return [*sorted({*asked, train.steps})] if checkpoints else [None]


def _scored(one: StudyRun, step: int, patients: Patients, tables: Sequence[Path]) -> bool:
    """Whether all tables are there, whole, of the test split as it is, and of these weights."""
    records = [record for table in tables if (record := ScoreRecord.read(table))]
    if len(records) < len(tables) or any(map(byte_fault, tables, (r.table for r in records))):
        return False
    ids, views = set(patients.ids("test")), [str(view) for view in one.recipe.views]
    weights = {str(step): weights_hash(one.run.checkpoint(step))}
    return all(
        record.weights == weights
        and record.views == views
        and record.contents.keys() == ids
        and record.is_of(patients)
        for record in records
    )


def _predicted(one: StudyRun, step: int, patients: Patients) -> bool:
    """Whether all volumes of the test split by a step are there and belong."""
    folder, views = one.scored.predictions(patients.name), one.recipe.views
    files = {i: folder / f"{i}.npy" for i in patients.ids("test")}
    if not files or not all(file.is_file() for file in files.values()):
        return False
    try:
        return check_belonging(one.run, patients, views, files, "").step == step
    except RunError:
        return False
