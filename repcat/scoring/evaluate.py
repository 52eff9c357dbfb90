"""Evaluation: saved predictions scored patient by patient, beside trivial baselines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from torch import Tensor

from repcat.contracts import Patients
from repcat.data.ct.reader import read_bound, read_hu
from repcat.errors import DataError, RunError
from repcat.io.lock import one_writer
from repcat.registry.parts import Parts
from repcat.runs.opened import OpenRun
from repcat.runs.prediction_record import BOUNDS
from repcat.runs.run import Run
from repcat.runs.saved_predictions import SavedPredictions, engine_words, step_words
from repcat.scoring import DEFAULT_PROTOCOLS
from repcat.scoring.baselines import MEAN_VOLUME, TrainingSet
from repcat.scoring.coverage import INTERVALS, coverage, figure_coverage, worst_tenth
from repcat.scoring.protocols import RUNS_WINDOW, Protocol, protocols
from repcat.scoring.score_patient import Setting, score_patient
from repcat.scoring.score_record import ScoreRecord
from repcat.scoring.score_table import drop_others, write_scores
from repcat.scoring.summary import MODEL, Header, Row, Scores
from repcat.types import Window

Source = Path | Callable[[], Tensor]
STRETCHED = "the model knows no HU: its range is each truth's own (data.volume = minmax)"


def score_files(
    truth: Path, prediction: Path, rules: Sequence[Protocol], window: Window
) -> dict[str, dict[str, float]]:
    """Return the figures by protocol of two files of HU on one grid."""
    if not window.low < window.high:
        msg = f"the window {window.low:g}, {window.high:g} is none: the first must be the lower"
        raise DataError(msg, code="not-a-window")
    a, b = read_hu(truth), read_hu(prediction)
    return {rule.name: rule.against(a, window)(b) for rule in rules}


Advance = Callable[[str, int, int], None]


def quiet(stage: str, done: int, total: int) -> None:
    """Tell nobody how far the work is."""


def evaluate_patients(
    patients: Patients,
    predictions: Mapping[str, Source],
    setting: Setting,
    training: Patients | None = None,
    advance: Advance = quiet,
) -> tuple[Scores, ...]:
    """Score one split: one table a protocol, and one of the re-projected X-rays.

    `predictions` maps a patient's id to a file of HU (D, H, W) or a function that returns them.
    `training` is the dataset whose training split the baselines come from, `patients` itself
    unless the model was trained on another. `advance` hears stage, patients done, of how many.
    """
    ids = patients.ids(setting.split)
    _check_predictions(patients, ids, predictions, setting)
    tell = partial(advance, "baselines")
    known = TrainingSet.of(training or patients, setting.window, setting.normalise, tell)
    fits = known.mean.shape == patients.geometry.voxels
    seen = {MEAN_VOLUME: setting.scene(patients).cast(known.mean)} if fits else {}
    rows: dict[str, list[Row]] = defaultdict(list)
    for done, name in enumerate(ids, start=1):
        patient, source = patients.load(name), predictions[name]
        volume = read_hu(source) if isinstance(source, Path) else source().float()
        methods = {MODEL: setting.in_hu(volume, patient.volume)} | known.predictions(patient)
        for table, row in score_patient(patient, methods, patients, setting, seen):
            rows[table].append(row)
        advance("scores", done, len(ids))
    made_by = {by.name: by for by in setting.protocols}
    return tuple(
        Scores(_header(table, patients, setting, len(known.ids)), tuple(found), made_by.get(table))
        for table, found in rows.items()
    )


def evaluate_run(
    run: Run,
    parts: Parts,
    names: Sequence[str] = DEFAULT_PROTOCOLS,
    metrics: Sequence[str] = (),
    split: str = "test",
    data: Path | None = None,
    advance: Advance = quiet,
) -> tuple[Scores, ...]:
    """Score the saved predictions of a run and write its tables to `<run>/metrics/`.

    `data` is a prepared dataset to score instead of the recipe's own; the baselines always come
    from the data the run was trained on. `metrics` are parts that plugins bring, beside those that
    the recipe names.
    """
    scored = OpenRun.of(run, parts, data)
    training = scored if data is None else OpenRun.of(run, parts)
    saved = scored.saved_predictions(split)
    setting = Setting(
        views=scored.recipe.views,
        projector=scored.projector,
        protocols=protocols(names, parts),
        metrics={
            name: parts.metrics.make(name, scored.recipe.metrics.get(name, {}))
            for name in dict.fromkeys((*scored.recipe.metrics, *metrics))
        },
        window=scored.recipe.window,
        split=split,
        normalise=training.cache.xrays,
        in_hu=scored.in_hu,
        cure=scored.predict_command(split),
        step=saved.step,
        notes=_notes(scored, saved),
    )
    about = (saved.weights, saved.volumes, training.patients.fingerprint, saved.engine)
    record = ScoreRecord.of(scored, saved.files, *about)
    with one_writer(scored.predictions):  # no volume changes while it is scored
        tables = evaluate_patients(
            scored.patients, saved.files, setting, training.patients, advance
        )
        tables += tuple(_intervals(scored, saved, setting, advance))
        for scores in tables:
            write_scores(run, scores, record)
    return tables


def _intervals(
    scored: OpenRun, saved: SavedPredictions, setting: Setting, advance: Advance
) -> Iterator[Scores]:
    """Yield the table of coverage; none where the predictions have no intervals."""
    if not saved.have_intervals:
        return
    rows: list[Row] = []
    for done, (name, file) in enumerate(saved.files.items(), start=1):
        truth = scored.patients.load(name).volume.float()
        lower, upper = (read_bound(file.with_suffix(suffix)) for suffix in BOUNDS)
        found = coverage(truth, read_hu(file), lower, upper, setting.window)
        spans = saved.records[name].figures
        found |= figure_coverage(truth, spans, scored.patients.geometry)
        rows.append(Row(name, MODEL, found))
        advance("intervals", done, len(saved.files))
    head = _header(INTERVALS, scored.patients, setting, 0)
    worst = worst_tenth([row.figures["body_coverage"] for row in rows])
    told = (*saved.promises, f"body coverage of the worst tenth of patients: {worst:.3f}")
    note = "; ".join(n for n in (head.note, *told) if n)
    yield Scores(replace(head, note=note), tuple(rows))


def _notes(scored: OpenRun, saved: SavedPredictions) -> tuple[str, ...]:
    """Say what a reader of the tables must know; tables of another dataset make place."""
    last, engine = step_words(scored.run, saved.step), engine_words(saved.engine)
    early = f"{last}, not the run's last: `repcat predict` makes volumes of that" if last else ""
    other = f"volumes {engine}, not eager's: equal to them within its tolerance" if engine else ""
    notes = [early, other, STRETCHED if scored.stretched else ""]
    return tuple(note for note in (*notes, drop_others(scored.run, scored.patients)) if note)


def _check_predictions(
    patients: Patients, ids: tuple[str, ...], predictions: Mapping[str, Source], setting: Setting
) -> None:
    where = f"dataset {patients.name!r}, split {setting.split!r}"
    if not ids:
        msg = f"{patients.name!r} has no patients in split {setting.split!r}; choose another"
        raise DataError(msg, code="no-patients")
    if missing := [name for name in ids if name not in predictions]:
        few = ", ".join(missing[:3]) + (", ..." if len(missing) > 3 else "")
        count = f"{len(missing)} of the {len(ids)} patients"
        msg = f"no predictions of {count} of {where}: {few}; run: {setting.cure}"
        raise RunError(msg, code="no-predictions")


def _header(table: str, patients: Patients, setting: Setting, training: int) -> Header:
    notes = [note for note in (patients.note, *setting.notes) if note]
    if setting.split == "train":
        notes.append("the split is the training set: the nearest patient may be the patient itself")
    windows = {by.name: by.window for by in setting.protocols if by.window != RUNS_WINDOW}
    return Header(
        protocol=table,
        dataset=patients.name,
        split=setting.split,
        patients=len(patients.ids(setting.split)),
        training_patients=training,
        views=tuple(str(view) for view in setting.views),
        window=windows.get(table, str(setting.window)),
        note="; ".join(notes),
        step=setting.step,
    )
