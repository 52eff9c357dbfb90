"""Runner of a study: which runs it needs, and what takes each of them further."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from repcat.arithmetic import kept_arithmetic
from repcat.errors import DivergenceError, RecipeError
from repcat.inference.job import open_job, write_all
from repcat.io.atomic import atomic_file
from repcat.io.lock import one_writer
from repcat.models.build import folder_option
from repcat.radiographs.training_reference import FILE
from repcat.registry.parts import Parts
from repcat.runs.saved_predictions import drop_others
from repcat.scoring.evaluate import Advance, evaluate_run
from repcat.scoring.protocols import STANDARD
from repcat.studies.expand import not_installed, variants
from repcat.studies.leak_guard import check_study
from repcat.studies.ranking import Comparison
from repcat.studies.rows import StudyRow
from repcat.studies.spec import Place, Study, only, read_study, with_places
from repcat.studies.status import Stage, StudyRun, check_own_run, stage_of, study_runs
from repcat.studies.tables import study_tables
from repcat.training.begin import resume, start
from repcat.training.fit import fit


@dataclass(frozen=True, slots=True)
class Plan:
    """A study, its runs, and the datasets that are there to score them on."""

    study: Study
    runs: tuple[StudyRun, ...]
    places: tuple[Place, ...]
    absent: tuple[Place, ...]
    parts: Parts

    @property
    def without_plugin(self) -> list[StudyRow]:
        """The rows that are left out because their plugin is not installed."""
        return [row for row in self.study.rows if not_installed(row, self.parts)]

    @property
    def protocols(self) -> tuple[str, ...]:
        """The study's protocol, and the honest one beside it."""
        return tuple(dict.fromkeys((self.study.protocol, STANDARD)))

    @property
    def absent_training(self) -> list[Path]:
        """The prepared datasets that rows are trained on and that are not there."""
        used = [one.recipe.dataset for one in self.runs]
        folders = [d.options.get(folder_option(self.parts, d.use)) for d in used]
        return [path for path in dict.fromkeys(Path(f) for f in folders if f) if not path.is_dir()]

    def missing(self) -> list[tuple[StudyRun, Place, Stage]]:
        """Return what each run still needs, one entry a run that is not trained."""
        found: list[tuple[StudyRun, Place, Stage]] = []
        seen: set[Path] = set()
        for one, place in product(self.runs, self.places):
            stage = stage_of(one, place, self.protocols, self.parts)
            if stage in ("scored", "diverged") or one.run.path in seen:
                continue
            if stage == "untrained":
                seen.add(one.run.path)
            found.append((one, place, stage))
        return found

    def diverged(self) -> dict[str, str]:
        """Return how runs diverged, by row and seed: a training again would end as it did."""
        ended = ((one, one.divergence) for one in self.runs)
        return {f"{one.variant.row.name}, seed {one.seed}": str(how) for one, how in ended if how}

    def to_train(self) -> list[StudyRun]:
        """Return the runs to train, and those cut off after their last step, to be finished."""
        found = {one.run.path: one for one, _, stage in self.missing() if stage == "untrained"}
        for one in self.runs:
            lacking = one.run.steps() and not (one.run.path / FILE).is_file()
            if lacking and not one.divergence:
                found.setdefault(one.run.path, one)
        return list(found.values())

    def tables(self) -> list[Comparison]:
        """Return the tables of what is scored."""
        found = []
        for place in (*self.places, *self.absent):
            runs = self.runs if place in self.places else ()
            scored = [r for r in runs if stage_of(r, place, self.protocols, self.parts) == "scored"]
            found += study_tables(self.study, place, scored, self.parts, self.diverged())
        return found


def make_plan(
    file: Path,
    out: Path,
    settings: Sequence[str],
    seeds: Sequence[int],
    parts: Parts,
    rows: Sequence[int] = (),
    more: Sequence[Path] = (),
) -> Plan:
    """Read a study, check every row's recipe, and refuse folders that hold other runs.

    `rows` are numbers of the rows to keep, from 1 on; none keeps all. `more` are prepared datasets
    to score on beside the study's own.
    """
    whole = read_study(file, parts)
    study = with_places(only(whole, rows), more)
    if any(s.replace(" ", "").startswith("train.seed=") for s in settings):
        msg = "--set train.seed: a study sets the seeds of its runs; choose them with --seeds"
        raise RecipeError(msg, code="seed-by-set")
    # every row is composed, so that a setting of rows that are not kept is no mistake
    ready = [v for v in variants(whole, settings, parts) if v.row in study.rows]
    found = tuple(study_runs(ready, out, seeds or study.seeds, study.checkpoints))
    for one in found:
        check_own_run(one, parts)
    there = tuple(p for p in study.places if p.path is None or p.path.is_dir())
    absent = tuple(p for p in study.places if p not in there)
    check_study(found, there, parts)
    return Plan(study, found, there, absent, parts)


@kept_arithmetic()
def train_run(
    one: StudyRun, device: str, parts: Parts, on_step: Callable[[int, str], None]
) -> None:
    """Train a run in this process, from its last checkpoint where it has one.

    One that diverges ends there, and says so in its folder.
    """
    begin = resume if one.run.recipe_file.exists() else start
    recipe = one.variant.row.recipe
    assert recipe is not None
    with one_writer(one.run.path):
        session, run = begin(recipe, one.run.path, one.settings, device, parts)
        with suppress(DivergenceError):
            fit(session, run, on_step)


def predict_run(
    one: StudyRun, place: Place, device: str, advance: Callable[[int, int], None]
) -> None:
    """Predict the test split, by the step that is scored: no other, should that be damaged."""
    step = one.last
    job = open_job(one.run.path, place.path, "test", step, device)
    if one.step is not None:
        with atomic_file(one.scored.recipe_file) as file:
            file.write_text(one.run.recipe_file.read_text("utf-8"), encoding="utf-8")
        job = replace(job, folder=one.scored.predictions(job.patients.name))
    drop_others(job.folder, job.patients)
    for done, _ in enumerate(write_all(job), start=1):
        advance(done, len(job.ids))


def score_run(plan: Plan, one: StudyRun, place: Place, advance: Advance) -> None:
    """Score the predictions by the study's protocol and by the honest one."""
    extra = tuple(m for m in plan.study.metrics if m in plan.parts.metrics.parts)
    evaluate_run(one.scored, plan.parts, plan.protocols, extra, "test", place.path, advance)
