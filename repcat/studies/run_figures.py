"""What figures show of runs: truths and predictions side by side, scores as points."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from torch import Tensor

from repcat.data.loader import PatientCache
from repcat.errors import DataError, RunError
from repcat.figures.gradients import Attribution, attribute
from repcat.figures.projections import Band
from repcat.figures.scatter import Point
from repcat.figures.training_curves import Course, courses
from repcat.inference.predictor import load_predictor
from repcat.models.build import open_patients
from repcat.registry.parts import Parts
from repcat.runs.run import Run
from repcat.scoring.intervals import bootstrap
from repcat.scoring.score_patient import between_extremes
from repcat.scoring.summary import MODEL


def name_runs(paths: Sequence[Path]) -> dict[str, Run]:
    """Open runs, each under the shortest end of its path that no other has."""
    ends = [p.resolve().parts for p in paths]
    for length in range(1, max(map(len, ends)) + 1):
        names = ["/".join(end[-length:]) for end in ends]
        if len(set(names)) == len(names):
            return {name: Run.open(path) for name, path in zip(names, paths, strict=True)}
    msg = f"a run is given twice: {', '.join(map(str, paths))}; name each once"
    raise RunError(msg)


def band(
    runs: dict[str, Run], parts: Parts, count: int, split: str, data: Path | None, device: str
) -> Band:
    """Predict the first `count` patients of a split by each run; all must see the same truths."""
    found: Band | None = None
    for name, run in runs.items():
        one = _predicted(name, run, parts, (count, split, data, device))
        found = found or one
        _check_same(found.truths, one.truths, name)
        found = Band(found.dataset, found.truths, {**found.predictions, **one.predictions})
    assert found is not None  # the command line asks for a run at least
    return found


def _predicted(name: str, run: Run, parts: Parts, what: tuple[int, str, Path | None, str]) -> Band:
    count, split, data, device = what
    recipe = run.recipe(parts)
    patients = open_patients(recipe, parts, data)
    predictor = load_predictor(run, recipe, patients, parts, device)
    cache, to_unit = PatientCache(patients, recipe), recipe.window.to_unit
    truths, predictions = {}, {}
    for patient_id in _first(patients.ids(split), count, patients.name, split):
        patient = patients.load(patient_id)
        hu = predictor.volume(cache.of(patient))[0]
        if recipe.data.volume == "minmax":
            hu = between_extremes(hu, patient.volume, recipe.window)
        truths[patient_id], predictions[patient_id] = to_unit(patient.volume), to_unit(hu)
    return Band(patients.name, truths, {name: predictions})


def attributions(
    run: Run, parts: Parts, count: int, split: str, data: Path | None, device: str
) -> list[Attribution]:
    """Differentiate a run's output for the first `count` patients of a split."""
    recipe = run.recipe(parts)
    patients = open_patients(recipe, parts, data)
    predictor = load_predictor(run, recipe, patients, parts, device)
    cache = PatientCache(patients, recipe)
    ids = _first(patients.ids(split), count, patients.name, split)
    return [attribute(predictor.network, cache.batch([i]).to(device)) for i in ids]


def course(run: Run) -> dict[str, Course]:
    """Gather what a run logged, and what `repcat measure` found at its checkpoints."""
    found = courses(run.records())
    for path in sorted(run.metrics.glob("*.convergence.csv")):
        for figure in ("body_psnr", "ssim", "peak"):
            found[f"convergence {figure}"] = _by_step(path, figure)
    return found


def points(runs: dict[str, Run], parts: Parts, protocol: str, x: str, y: str) -> list[Point]:
    """Read a point for each dataset that a run was scored on (test splits, `repcat evaluate`)."""
    found = []
    for name, run in runs.items():
        recipe, home = run.recipe(parts), run.provenance().get("dataset")
        tables = [p for p in sorted(run.metrics.glob(f"*.{protocol}.csv")) if _is_test(p, protocol)]
        if not tables:
            msg = f"{run.path} has no scores by {protocol}; run: repcat evaluate {run.path}"
            raise RunError(msg)
        for path in tables:
            dataset = path.name.removesuffix(f".{protocol}.csv")
            found.append(
                Point(
                    name,
                    dataset,
                    len(recipe.views),
                    str(recipe.mapper.options.get("align", recipe.mapper.use)),
                    home not in (None, dataset),
                    bootstrap(_model(path, x)),
                    bootstrap(_model(path, y)),
                )
            )
    return found


def _is_test(path: Path, protocol: str) -> bool:
    stem = path.name.removesuffix(f".{protocol}.csv")
    return not stem.endswith((".train", ".validation"))


def _model(path: Path, figure: str) -> list[float]:
    rows = list(_rows(path))
    if not rows or figure not in rows[0]:
        known = ", ".join(k for k in (rows[0] if rows else {}) if k not in ("id", "method"))
        msg = f"{path} has no figure {figure!r}; it has {known or 'no row'}"
        raise DataError(msg)
    return [float(row[figure]) for row in rows if row["method"] == MODEL]


def _by_step(path: Path, figure: str) -> Course:
    values: dict[int, list[float]] = {}
    for row in _rows(path):
        values.setdefault(int(row["method"].removeprefix("step ")), []).append(float(row[figure]))
    return [(step, sum(v) / len(v)) for step, v in sorted(values.items())]


def _rows(path: Path) -> Iterable[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _first(ids: tuple[str, ...], count: int, dataset: str, split: str) -> tuple[str, ...]:
    if not ids:
        msg = f"{dataset} has no patient in its {split} split; choose another with --split"
        raise DataError(msg)
    return ids[:count]


def _check_same(known: Mapping[str, Tensor], truths: Mapping[str, Tensor], run: str) -> None:
    for patient, truth in truths.items():
        before = known.get(patient)
        if before is None or before.shape != truth.shape or not bool((before == truth).all()):
            msg = (
                f"run {run!r} has another truth of patient {patient!r} than the runs before it: "
                "other data, size or window; draw runs of one dataset together"
            )
            raise DataError(msg)
