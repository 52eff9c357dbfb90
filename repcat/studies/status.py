"""Status of each run of a study: to train, to predict, to score, or done."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from repcat.config.recipe import Recipe
from repcat.config.shipped import spelled
from repcat.errors import RunError
from repcat.models.build import open_patients
from repcat.registry.parts import Parts
from repcat.runs.checkpoint import STATE
from repcat.runs.run import Run
from repcat.scoring.score_file import score_path
from repcat.studies.expand import Variant
from repcat.studies.spec import Place, Study
from repcat.training.begin import differences

Stage = Literal["untrained", "unpredicted", "unscored", "scored"]


@dataclass(frozen=True, slots=True)
class Case:
    """One seed of one row: the run it is trained in, and of which step it is scored."""

    variant: Variant
    seed: int
    run: Run
    step: int | None = None

    @property
    def recipe(self) -> Recipe:
        """The recipe but for the seed."""
        return self.variant.recipe

    @property
    def seeded(self) -> Recipe:
        """The recipe with its seed."""
        return replace(self.recipe, train=replace(self.recipe.train, seed=self.seed))

    @property
    def settings(self) -> tuple[str, ...]:
        """All that is `--set` over the row's recipe file."""
        return (*self.variant.settings, f"train.seed = {self.seed}")

    @property
    def name(self) -> str:
        """The row's name, with the step where every checkpoint is a row."""
        step = "" if self.step is None else f", step {self.step:,}"
        return self.variant.row.name + step

    @property
    def scored(self) -> Run:
        """Where predictions and scores lie: in the run, or in the step's folder inside it."""
        if self.step is None:
            return self.run
        return Run(self.run.path / "steps" / f"{self.step:06d}")

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


def cases(study: Study, ready: Sequence[Variant], out: Path, seeds: Sequence[int]) -> list[Case]:
    """Return every run of a study, each row's seeds side by side."""
    found = []
    for variant in ready:
        for step in _steps(variant):
            for seed in seeds:
                run = Run(out / variant.row.folder / f"seed-{seed}")
                found.append(Case(variant, seed, run, step))
    return found


def stage_of(case: Case, place: Place, protocols: Sequence[str], parts: Parts) -> Stage:
    """Say what a run still needs; what is older than what it was made from counts as missing."""
    step = case.step or case.recipe.train.steps
    if step not in case.run.steps():
        return "untrained"
    weights = case.run.checkpoint(step) / STATE
    patients = open_patients(case.recipe, parts, place.path)
    folder = case.scored.predictions(patients.name)
    volumes = [folder / f"{name}.npy" for name in patients.ids("test")]
    if not _follow([weights], volumes):
        return "unpredicted"
    tables = [score_path(case.scored, patients.name, p) for p in protocols]
    return "scored" if _follow(volumes, tables) else "unscored"


def check_own_run(case: Case, parts: Parts) -> None:
    """Raise RunError where the folder holds a run of another recipe."""
    if not case.run.recipe_file.exists():
        return
    changed = differences(case.run.recipe(parts), case.seeded)
    if not changed and case.trained <= case.recipe.train.steps:
        return
    if not changed:
        msg = (
            f"{case.run.path} is trained to step {case.trained} already, its row ends at "
            f"{case.recipe.train.steps}; choose another --out or --set 'train.steps = ...'"
        )
        raise RunError(msg, code="trained-further")
    data = [line for line in changed if line.startswith(("data.use", "data.path", "data.seed"))]
    what = "is a run of another dataset" if data else "has another recipe than its row"
    more = f" (and {len(changed) - 1} more)" if len(changed) > 1 else ""
    msg = (
        f"{case.run.path} {what}, {case.variant.row.name!r}: {(data or changed)[0]}{more}; give "
        "the --set it was made with, or choose another --out"
    )
    raise RunError(msg, code="other-run")


def cure(case: Case, place: Place, stage: Stage) -> str:
    """Return the command that brings a run one stage on."""
    if stage == "untrained":
        return shlex.join(case.train_words)
    words = ["repcat", "predict" if stage == "unpredicted" else "evaluate", str(case.scored.path)]
    if case.step is not None:
        return "repcat compare STUDY --train (it scores every checkpoint)"
    return shlex.join(words + (["--data", str(place.path)] if place.path else []))


def _steps(variant: Variant) -> list[int | None]:
    if not variant.row.every_checkpoint:
        return [None]
    train = variant.recipe.train
    return sorted({*range(train.save_every, train.steps + 1, train.save_every), train.steps})


def _follow(before: Sequence[Path], after: Sequence[Path]) -> bool:
    """True where all of `after` is there and none is older than what it was made from."""
    if not all(p.is_file() for p in (*before, *after)):
        return False
    newest = max(p.stat().st_mtime_ns for p in before)
    return all(p.stat().st_mtime_ns >= newest for p in after)
