"""Measures of a run that are no protocol: collapse, checkerboards, convergence, pose, probe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from repcat.build import open_patients
from repcat.chance import seeded
from repcat.data.stream import Shelf
from repcat.errors import RecipeError
from repcat.options import nearest
from repcat.registry import Parts
from repcat.run import Run
from repcat.scoring.evaluate import table_path, window_text
from repcat.scoring.measures.checkerboard import checkerboard
from repcat.scoring.measures.collapse import TRUTH, collapse_rows
from repcat.scoring.measures.pose import pose_rows
from repcat.scoring.measures.probe import Ridge, Taps, narrowest, small_views
from repcat.scoring.measures.subject import Measuring, Subject
from repcat.scoring.protocols import protocol
from repcat.scoring.scores import MODEL, Header, Row, Scores
from repcat.shapes import Patient

FITTED = 256  # training patients a linear map is fitted to


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


def probe(subject: Subject) -> Iterator[Row]:
    """Read the X-rays back out of the network by a linear map, place by place; see `Ridge`.

    Fitted on training patients (the first FITTED of them), `recovered` is told of the split's.
    """
    network, shelf = subject.predictor().network, Shelf(subject.patients, subject.recipe)
    split, train = subject.how.split, subject.patients.ids("train")[:FITTED]
    batches = {n: shelf.of(p).to(subject.how.device) for n, p in _both(subject, train, split)}
    with Taps(network, narrowest(network, next(iter(batches.values())))) as taps:
        read = {name: taps.read(batch) for name, batch in batches.items()}
    views = {name: small_views(batch.xrays) for name, batch in batches.items()}
    for place in taps.places:
        ridge = Ridge.fit([read[n][place] for n in train], [views[n] for n in train])
        for name in subject.patients.ids(split):
            found = ridge.recovered(read[name][place], views[name])
            yield Row(name, place, {"recovered": found, "numbers": float(len(read[name][place]))})


MEASURES: dict[str, Callable[[Subject], list[Row] | Iterator[Row]]] = {
    "collapse": collapse,
    "checkerboard": checkerboards,
    "convergence": convergence,
    "pose": pose,
    "probe": probe,
}


def _both(subject: Subject, train: Sequence[str], split: str) -> Iterator[tuple[str, Patient]]:
    """Yield the training patients of a probe and those it is told of."""
    for name in train:
        yield name, subject.patients.load(name)
    for patient in subject.each("probe", split):
        yield patient.id, patient


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
