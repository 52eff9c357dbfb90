"""Figures of runs (`repcat figure`): predictions beside truths, gradients, curves, scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import Tensor

from repcat.errors import DataError, RunError, cut
from repcat.figures.gradients import Attribution, attribute
from repcat.figures.projections import Band
from repcat.figures.scatter import Point
from repcat.figures.training_curves import Course, courses
from repcat.figures.view_curve import ViewPoint
from repcat.inference.predictor import load_predictor
from repcat.registry.parts import Parts
from repcat.runs.opened import OpenRun
from repcat.runs.run import Run
from repcat.runs.saved_predictions import engine_words, step_words
from repcat.scoring.intervals import bootstrap
from repcat.scoring.score_file import check_scored, list_score_files
from repcat.scoring.score_table import check_scores, figure_of, read_methods


def name_runs(paths: Sequence[Path]) -> dict[str, Run]:
    """Open runs, each under the shortest end of its path that no other has."""
    ends = [p.resolve().parts for p in paths]
    for length in range(1, max(map(len, ends)) + 1):
        names = ["/".join(end[-length:]) for end in ends]
        if len(set(names)) == len(names):
            return {name: Run.open(path) for name, path in zip(names, paths, strict=True)}
    msg = f"a run is given twice: {', '.join(map(str, paths))}; name each once"
    raise RunError(msg, code="run-twice")


def band(
    runs: dict[str, Run], parts: Parts, count: int, split: str, data: Path | None, device: str
) -> Band:
    """Predict the first `count` patients of a split by each run; all must see the same truths."""
    dataset, truths, predictions = "", dict[str, Tensor](), dict[str, dict[str, Tensor]]()
    for name, run in runs.items():
        opened = OpenRun.of(run, parts, data)
        predictor, to_unit = load_predictor(opened, device), opened.recipe.window.to_unit
        true, seen = {}, {}
        for patient_id in opened.ids(split, count):
            patient = opened.patients.load(patient_id)
            hu = opened.in_hu(predictor.volume(opened.cache.of(patient))[0], patient.volume)
            true[patient_id], seen[patient_id] = to_unit(patient.volume), to_unit(hu)
        dataset, truths, predictions[name] = dataset or opened.patients.name, truths or true, seen
        _check_same(truths, true, name)
    return Band(dataset, truths, predictions)


def attributions(
    run: Run, parts: Parts, count: int, split: str, data: Path | None, device: str
) -> list[Attribution]:
    """Differentiate a run's output for the first `count` patients of a split."""
    opened = OpenRun.of(run, parts, data)
    network = load_predictor(opened, device).network
    batches = (opened.cache.batch([i]).to(device) for i in opened.ids(split, count))
    return [attribute(network, batch) for batch in batches]


def course(run: Run) -> dict[str, Course]:
    """Gather what a run logged, and what `repcat measure` found at its checkpoints."""
    found = courses(run.records())
    for path in list_score_files(run, "convergence").values():
        methods = read_methods(path, "measure")
        try:
            found |= _convergence(methods)
        except (KeyError, ValueError) as error:
            msg = f"{path} is no table of steps ({cut(str(error))}); measure again"
            raise DataError(msg, code="scores-damaged") from None
    return found


def _convergence(methods: Mapping[str, Mapping[str, Mapping[str, float]]]) -> dict[str, Course]:
    """Return the mean of each figure at each step; a method is called `step 500`."""
    steps = {int(m.removeprefix("step ")): rows for m, rows in methods.items()}
    return {
        f"convergence {figure}": [
            (step, sum(r[figure] for r in rows.values()) / len(rows))
            for step, rows in sorted(steps.items())
        ]
        for figure in ("body_psnr", "ssim", "peak")
    }


def points(runs: dict[str, Run], parts: Parts, protocol: str, x: str, y: str) -> list[Point]:
    """Read a point for each dataset that a run was scored on (test splits, `repcat evaluate`)."""
    found = []
    for name, run in runs.items():
        recipe, home = run.recipe(parts), run.provenance().get("dataset")
        # what Fig. 7 tells apart: any mapper may have an option of this name
        align = str(recipe.mapper.options.get("align", recipe.mapper.use))
        for file, path in check_scored(run, protocol).items():
            outside = home not in (None, file.dataset)
            means = (bootstrap(figure_of(path, figure)) for figure in (x, y))
            record = check_scores(path)
            said = (step_words(run, record.step), engine_words(record.engine))
            label = ", ".join([name, *(words for words in said if words)])
            found.append(Point(label, file.dataset, len(recipe.views), align, outside, *means))
    return found


def view_points(runs: dict[str, Run], figure: str) -> dict[str, list[ViewPoint]]:
    """Read what `repcat measure --what views` found of each run: a point for each set of views.

    Raises:
        RunError: where a run was not measured so, with the command that does.
        DataError: where the table has not this figure.
    """
    found = {}
    for name, run in runs.items():
        files = list_score_files(run, "views")
        if not files:
            msg = f"{run.path} was not measured by views: repcat measure {run.path} --what views"
            raise RunError(msg, code="nothing-measured")
        path = next(iter(files.values()))
        points = []
        for method, rows in read_methods(path, "measure --what views").items():
            if not all({figure, "views"} <= own.keys() for own in rows.values()):
                msg = f"{path} has no figure {figure!r}; --figure body_psnr is one"
                raise DataError(msg, code="no-such-figure")
            values = bootstrap([own[figure] for own in rows.values()])
            count = int(next(iter(rows.values()))["views"])
            points.append(ViewPoint(count, method.partition(", ")[2], values))
        found[name] = points
    return found


def _check_same(known: Mapping[str, Tensor], truths: Mapping[str, Tensor], run: str) -> None:
    for patient, truth in truths.items():
        before = known.get(patient)
        if before is None or before.shape != truth.shape or not bool((before == truth).all()):
            msg = (
                f"run {run!r} has another truth of patient {patient!r} than the runs before it: "
                "other data, size or window; draw runs of one dataset together"
            )
            raise DataError(msg, code="other-truth")
