"""Measures of a run: collapse, checkerboards, lattices, convergence, pose, views, films, probe."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

import torch
from torch import Tensor

from repcat.analysis.checkerboard import checkerboard
from repcat.analysis.collapse import TRUTH, collapse_rows
from repcat.analysis.film_effects import film_rows
from repcat.analysis.lattice import lattice
from repcat.analysis.linear_probe import Ridge, Taps, narrowest, small_views
from repcat.analysis.pose_sensitivity import pose_rows
from repcat.analysis.subject import Measuring, Subject
from repcat.analysis.view_sets import view_set_rows
from repcat.errors import PartError, RecipeError
from repcat.inference.load import find_reference
from repcat.registry.options import nearest
from repcat.registry.parts import Parts
from repcat.rng import seeded
from repcat.runs.opened import OpenRun
from repcat.runs.run import Run
from repcat.runs.saved_predictions import step_words
from repcat.scoring.protocols import STANDARD, protocol
from repcat.scoring.score_record import ScoreRecord
from repcat.scoring.score_table import drop_others, write_scores
from repcat.scoring.summary import MODEL, Header, Row, Scores

FITTED = 256  # training patients a linear map is fitted to


def measure_run(
    run: Run, parts: Parts, what: Sequence[str], how: Measuring, data: Path | None = None
) -> tuple[Scores, ...]:
    """Take measures of a run and write each to `<run>/metrics/<dataset>.<measure>.csv`.

    `data` is a prepared dataset to measure on instead of the recipe's own.
    """
    if unknown := [name for name in what if name not in MEASURES]:
        msg = f"no measure is called {unknown[0]!r}{nearest(unknown[0], MEASURES)}"
        raise RecipeError(msg, code="no-such-measure")
    opened = OpenRun.of(run, parts, data)
    note, tables = "", []
    for name in what:
        subject = Subject(opened, how)
        rows = tuple(MEASURES[name](subject))
        record = ScoreRecord.of(opened, {row.patient: None for row in rows}, subject.weights)
        note = note or drop_others(run, opened.patients)
        tables.append(Scores(_header(name, subject, rows, record.step, note), rows))
        write_scores(run, tables[-1], record)
    return tuple(tables)


def collapse(subject: Subject) -> list[Row]:
    """Measure what tells the outputs of a split apart; see `collapse_rows`."""
    to_unit, predictor = subject.opened.recipe.window.to_unit, subject.predictor()
    truths, repeats = {}, defaultdict[str, list[Tensor]](list)
    for patient in subject.each("collapse", subject.how.split):
        truths[patient.id] = to_unit(patient.volume)
        for number in range(subject.how.repeats):
            with seeded(subject.opened.recipe.train.seed, "repeat", number):
                repeats[patient.id].append(to_unit(subject.volume(predictor, patient)))
    return collapse_rows(truths, {k: v[0] for k, v in repeats.items()}, repeats)


def checkerboards(subject: Subject) -> Iterator[Row]:
    """Measure energy near Nyquist in predictions, beside the truth's own; see `checkerboard`."""
    to_unit, predictor = subject.opened.recipe.window.to_unit, subject.predictor()
    for patient in subject.each("checkerboard", subject.how.split):
        truth, seen = to_unit(patient.volume), to_unit(subject.volume(predictor, patient))
        yield Row(patient.id, MODEL, checkerboard(truth, seen))
        yield Row(patient.id, TRUTH, checkerboard(truth, truth))


def lattices(subject: Subject) -> Iterator[Row]:
    """Measure what strides leave in predictions, beside the truth's own figures; see `lattice`."""
    to_unit, predictor = subject.opened.recipe.window.to_unit, subject.predictor()
    for patient in subject.each("lattice", subject.how.split):
        seen = to_unit(subject.volume(predictor, patient))
        yield Row(patient.id, MODEL, lattice(seen))
        yield Row(patient.id, TRUTH, lattice(to_unit(patient.volume)))


def convergence(subject: Subject) -> Iterator[Row]:
    """Score every saved checkpoint by protocol `standard`, on the validation split alone.

    Checkerboards are measured too: the paper saw some that went with more training (Sec. 4).
    """
    window, standard = subject.opened.recipe.window, protocol(STANDARD, subject.opened.parts)
    for step in subject.opened.run.check_step():
        predictor = subject.predictor(step)
        for patient in subject.each(f"step {step}", "validation"):
            hu = subject.volume(predictor, patient)
            score = standard.against(patient.volume, window)
            board = checkerboard(window.to_unit(patient.volume), window.to_unit(hu))
            yield Row(patient.id, f"step {step}", score(hu) | board)


def pose(subject: Subject) -> Iterator[Row]:
    """Score predictions from X-rays whose azimuths are wrong; see `pose_rows`."""
    predictor = subject.predictor()
    for patient in subject.each("pose", subject.how.split):
        predict = partial(subject.volume, predictor, patient)
        yield from pose_rows(patient, subject.opened, predict, subject.how.degrees)


def views(subject: Subject) -> Iterator[Row]:
    """Score predictions from one to eight X-rays, spread in several ways; see `view_set_rows`.

    Raises:
        PartError: where the run's mapper goes by views of its own.
    """
    predictor, recipe = subject.predictor(), subject.opened.recipe
    if not predictor.network.mapper.any_views:
        msg = (
            f"--what views: mapper {recipe.mapper.use!r} reads the views of its recipe alone; "
            "train a recipe whose mapper takes any views, such as 'lifted_small'"
        )
        raise PartError(msg, code="fixed-views")
    for patient in subject.each("views", subject.how.split):
        predict = partial(subject.volume, predictor, patient)
        yield from view_set_rows(patient, subject.opened, predict)


def film(subject: Subject) -> Iterator[Row]:
    """Score predictions from X-rays that were made films; see `film_rows`."""
    opened, predictor = subject.opened, subject.predictor()
    recipe, parts = opened.recipe, opened.parts
    reference = find_reference(opened.run, recipe, parts)
    greys = torch.stack([reference.greys(view) for view in recipe.views])
    others = {name: parts.projectors.make(name, {}) for name in subject.how.projectors}
    for patient in subject.each("film", subject.how.split):
        predict = partial(subject.volume, predictor, patient)
        yield from film_rows(patient, opened, greys, predict, others)


def probe(subject: Subject) -> Iterator[Row]:
    """Read the X-rays back out of the network by a linear map, place by place; see `Ridge`.

    Fitted on training patients (the first FITTED of them), `recovered` is told of the split's.
    """
    network, cache = subject.predictor().network, subject.opened.cache
    split, train = subject.how.split, subject.opened.patients.ids("train")[:FITTED]
    patients = chain(map(subject.opened.patients.load, train), subject.each("probe", split))
    batches = {p.id: cache.of(p).to(subject.how.device) for p in patients}
    with Taps(network, narrowest(network, next(iter(batches.values())))) as taps:
        read = {name: taps.read(batch) for name, batch in batches.items()}
    views = {name: small_views(batch.xrays) for name, batch in batches.items()}
    for place in taps.places:
        ridge = Ridge.fit([read[n][place] for n in train], [views[n] for n in train])
        for name in subject.opened.patients.ids(split):
            found = ridge.recovered(read[name][place], views[name])
            yield Row(name, place, {"recovered": found, "numbers": float(len(read[name][place]))})


MEASURES: dict[str, Callable[[Subject], list[Row] | Iterator[Row]]] = {
    "collapse": collapse,
    "checkerboard": checkerboards,
    "lattice": lattices,
    "convergence": convergence,
    "pose": pose,
    "views": views,
    "film": film,
    "probe": probe,
}


def _header(
    name: str, subject: Subject, rows: Sequence[Row], step: int | None, note: str
) -> Header:
    patients, recipe = subject.opened.patients, subject.opened.recipe
    split = "validation" if name == "convergence" else subject.how.split
    count, views = len({row.patient for row in rows}), tuple(str(view) for view in recipe.views)
    about = (name, patients.name, split, count, 0, views, str(recipe.window))
    last = "" if name == "convergence" else step_words(subject.opened.run, step)
    notes = [patients.note, f"{last}: not the run's last" if last else "", note]
    return Header(*about, note="; ".join(n for n in notes if n), step=step)
