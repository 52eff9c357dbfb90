"""Measures of a run that are no protocol: collapse, checkerboards, convergence, pose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from torch import Tensor

from repcat.build import open_patients
from repcat.chance import seeded
from repcat.contracts import Patients
from repcat.data.stream import Shelf
from repcat.errors import DataError, RecipeError
from repcat.options import nearest
from repcat.predict import Predictor, load_predictor
from repcat.recipe import Recipe
from repcat.registry import Parts
from repcat.run import Run
from repcat.scoring.checkerboard import checkerboard
from repcat.scoring.collapse import TRUTH, collapse_rows
from repcat.scoring.evaluate import Advance, quiet, table_path, window_text
from repcat.scoring.patient import between_extremes
from repcat.scoring.pose import DEGREES, pose_rows
from repcat.scoring.protocols import protocol
from repcat.scoring.scores import MODEL, Header, Row, Scores
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


def measure_run(
    run: Run, parts: Parts, what: Sequence[str], how: Measuring, data: Path | None = None
) -> tuple[Scores, ...]:
    """Take measures of a run and write each to `<run>/metrics/<dataset>.<measure>.csv`.

    `data` is a prepared dataset to measure on instead of the recipe's own.
    """
    if unknown := [name for name in what if name not in MEASURES]:
        msg = f"no measure is called {unknown[0]!r}{nearest(unknown[0], MEASURES)}"
        raise RecipeError(msg)
    recipe = run.recipe(parts)
    subject = Subject(run, recipe, open_patients(recipe, parts, data), parts, how)
    tables = []
    for name in what:
        rows = tuple(MEASURES[name](subject))
        tables.append(Scores(_header(name, subject, rows), rows))
        tables[-1].write_csv(table_path(run.metrics, tables[-1]))
    return tuple(tables)


def collapse(subject: Subject) -> list[Row]:
    """Measure what tells the outputs of a split apart; see `collapse_rows`."""
    to_unit, predictor = subject.recipe.window.to_unit, subject.predictor()
    truths, repeats = {}, {}
    for patient in subject.each("collapse", subject.how.split):
        truths[patient.id] = to_unit(patient.volume)
        again = []
        for number in range(subject.how.repeats):
            with seeded(subject.recipe.train.seed, "repeat", number):
                again.append(to_unit(subject.volume(predictor, patient)))
        repeats[patient.id] = again
    return collapse_rows(truths, {k: v[0] for k, v in repeats.items()}, repeats)


def checkerboards(subject: Subject) -> Iterator[Row]:
    """Measure energy near Nyquist in predictions, beside the truth's own; see `checkerboard`."""
    to_unit, predictor = subject.recipe.window.to_unit, subject.predictor()
    for patient in subject.each("checkerboard", subject.how.split):
        truth = to_unit(patient.volume)
        volume = to_unit(subject.volume(predictor, patient))
        yield Row(patient.id, MODEL, checkerboard(truth, volume))
        yield Row(patient.id, TRUTH, checkerboard(truth, truth))


def convergence(subject: Subject) -> Iterator[Row]:
    """Score every saved checkpoint by protocol `standard`, on the validation split alone.

    Checkerboards are measured too: the paper saw some that went with more training (Sec. 4).
    """
    window = subject.recipe.window
    subject.run.load()  # says what to do where there is no checkpoint
    for step in subject.run.steps():
        predictor = subject.predictor(step)
        for patient in subject.each(f"step {step}", "validation"):
            hu = subject.volume(predictor, patient)
            score = protocol("standard").against(patient.volume, window)
            board = checkerboard(window.to_unit(patient.volume), window.to_unit(hu))
            yield Row(patient.id, f"step {step}", score(hu) | board)


def pose(subject: Subject) -> Iterator[Row]:
    """Score predictions from X-rays whose azimuths are wrong; see `pose_rows`."""
    predictor = subject.predictor()
    shelf = Shelf(subject.patients, subject.recipe)
    project = subject.parts.projectors.get(subject.recipe.data.projector).factory()
    for patient in subject.each("pose", subject.how.split):
        predict = partial(subject.volume_of, predictor, patient)
        yield from pose_rows(
            patient, subject.patients, shelf, project, predict, subject.how.degrees
        )


MEASURES: dict[str, Callable[[Subject], list[Row] | Iterator[Row]]] = {
    "collapse": collapse,
    "checkerboard": checkerboards,
    "convergence": convergence,
    "pose": pose,
}


def _header(name: str, subject: Subject, rows: Sequence[Row]) -> Header:
    return Header(
        protocol=name,
        dataset=subject.patients.name,
        split="validation" if name == "convergence" else subject.how.split,
        patients=len({row.patient for row in rows}),
        training_patients=0,
        views=tuple(str(view) for view in subject.recipe.views),
        window=window_text("standard", subject.recipe.window),
        note=subject.patients.note,
    )
