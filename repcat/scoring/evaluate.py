"""The score of one saved volume against the true one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from repcat.contracts import Metric, Patients
from repcat.data.loader import PatientCache
from repcat.errors import DataError, PartError, RecipeError, RunError
from repcat.models.build import open_patients
from repcat.registry.options import check_options
from repcat.registry.parts import Parts
from repcat.runs.run import Run
from repcat.scoring.baselines import TrainingSet
from repcat.scoring.protocols import PROTOCOLS, protocol
from repcat.scoring.score_patient import Setting, between_extremes, score_patient
from repcat.scoring.summary import MODEL, Header, Row, Scores
from repcat.types import Window

Source = Path | Callable[[], Tensor]


def score_files(
    truth: Path, prediction: Path, protocols: Sequence[str], window: Window
) -> dict[str, dict[str, float]]:
    """Return the figures by protocol of two files of HU on one grid."""
    if not window.low < window.high:
        msg = f"the window {window.low:g}, {window.high:g} is none: the first must be the lower"
        raise DataError(msg)
    rules = [protocol(name) for name in protocols]
    a, b = read_prediction(truth), read_prediction(prediction)
    return {rule.name: rule.against(a, window)(b) for rule in rules}


def read_prediction(source: Source) -> Tensor:
    """Read a volume (D, H, W) in HU from `.npy`, or from any format that `prepare` takes."""
    if not isinstance(source, Path):
        return source().float()
    if source.suffix != ".npy":
        from repcat.data.ct.reader import read_file

        return torch.as_tensor(read_file(source).hu).float()
    try:
        return torch.from_numpy(np.load(source, allow_pickle=False).astype(np.float32))
    except (OSError, ValueError, EOFError) as error:
        msg = f"{source} cannot be read as an array ({error}); make it again"
        raise DataError(msg) from error


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
    for name in setting.protocols:
        protocol(name)
    known = TrainingSet.of(
        training or patients,
        setting.window,
        setting.normalise,
        lambda done, total: advance("baselines", done, total),
    )
    rows: dict[str, list[Row]] = defaultdict(list)
    for done, name in enumerate(ids, start=1):
        patient = patients.load(name)
        prediction = read_prediction(predictions[name])
        if setting.stretched:
            prediction = between_extremes(prediction, patient.volume, setting.window)
        methods = {MODEL: prediction} | known.predictions(patient)
        for table, row in score_patient(patient, methods, patients, setting):
            rows[table].append(row)
        advance("scores", done, len(ids))
    return tuple(
        Scores(_header(table, patients, setting, len(ids), len(known.ids)), tuple(found))
        for table, found in rows.items()
    )


def evaluate_run(
    run: Run,
    parts: Parts,
    protocols: Sequence[str] = tuple(PROTOCOLS),
    metrics: Sequence[str] = (),
    split: str = "test",
    data: Path | None = None,
    advance: Advance = quiet,
) -> tuple[Scores, ...]:
    """Score the saved predictions of a run and write its tables to `<run>/metrics/`.

    `data` is a prepared dataset to score instead of the recipe's own; the baselines always come
    from the data the run was trained on. `metrics` are parts that plugins bring.
    """
    recipe = run.recipe(parts)
    training = open_patients(recipe, parts)
    patients = training if data is None else open_patients(recipe, parts, data)
    where = f" --data {data}" if data else ""
    setting = Setting(
        views=recipe.views,
        projector=parts.projectors.get(recipe.data.projector).factory(),
        protocols=tuple(protocols),
        metrics={name: make_metric(parts, name) for name in metrics},
        window=recipe.window,
        split=split,
        normalise=PatientCache(training, recipe).xrays,
        stretched=recipe.data.volume == "minmax",
        cure=f"repcat predict {run.path}{where}" + ("" if split == "test" else f" --split {split}"),
    )
    files: dict[str, Source] = {p.stem: p for p in run.predictions(patients.name).glob("*.npy")}
    tables = evaluate_patients(patients, files, setting, training, advance)
    for scores in tables:
        scores.write_csv(table_path(run.metrics, scores))
    return tables


def make_metric(parts: Parts, name: str) -> Metric:
    """Build a plugin's metric with its default options."""
    factory = parts.metrics.get(name).factory
    options, problems = check_options(factory, {}, f"metric {name!r}")
    if problems:
        raise PartError("; ".join(problems))
    metric: Metric = factory(**options)
    return metric


def table_path(folder: Path, scores: Scores) -> Path:
    """Return where a run keeps a table: `<dataset>.<protocol>.csv`, splits but test named."""
    head = scores.header
    split = "" if head.split == "test" else f".{head.split}"
    return folder / f"{head.dataset}{split}.{head.protocol}.csv"


def window_text(table: str, window: Window) -> str:
    """Say which HU a table's figures are about."""
    if table in PROTOCOLS and table != "standard":
        return PROTOCOLS[table].window
    return f"{window.low:g}..{window.high:g} HU"


def _check_predictions(
    patients: Patients, ids: tuple[str, ...], predictions: Mapping[str, Source], setting: Setting
) -> None:
    if not ids:
        msg = (
            f"dataset {patients.name!r} has no patients in split {setting.split!r}; choose another"
        )
        raise DataError(msg)
    if not setting.protocols:
        msg = f"no protocol to score by; there are {', '.join(PROTOCOLS)}"
        raise RecipeError(msg)
    missing = [name for name in ids if name not in predictions]
    if missing:
        few = ", ".join(missing[:3]) + (", ..." if len(missing) > 3 else "")
        msg = (
            f"no predictions of {len(missing)} of the {len(ids)} patients of dataset "
            f"{patients.name!r}, split {setting.split!r}: {few}; run: {setting.cure}"
        )
        raise RunError(msg)


def _header(table: str, patients: Patients, setting: Setting, scored: int, training: int) -> Header:
    notes = [patients.note] if patients.note else []
    if setting.stretched:
        notes.append("the model knows no HU: its range is each truth's own (data.volume = minmax)")
    if setting.split == "train":
        notes.append("the split is the training set: the nearest patient may be the patient itself")
    return Header(
        protocol=table,
        dataset=patients.name,
        split=setting.split,
        patients=scored,
        training_patients=training,
        views=tuple(str(view) for view in setting.views),
        window=window_text(table, setting.window),
        note="; ".join(notes),
    )
