"""Run directory: recipe, provenance, log, checkpoints, predictions, metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from repcat.config.load import read
from repcat.config.recipe import Recipe
from repcat.errors import RecipeError, RunError
from repcat.io.atomic import remove_folder
from repcat.registry.parts import Parts
from repcat.runs import log_file, run_files
from repcat.runs.checkpoint import (
    STATE,
    State,
    read_checkpoint,
    read_last,
    read_values,
    write_checkpoint,
)


class Run:
    """Where a run keeps what.

    recipe.toml, provenance.json, SHA256SUMS of both, log.jsonl, checkpoints/<step>/,
    predictions/<dataset>/, metrics/, pictures/.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.recipe_file = path / run_files.RECIPE
        self.log_file = path / "log.jsonl"
        self.checkpoints = path / "checkpoints"
        self.metrics = path / "metrics"
        self.pictures = path / "pictures"

    @classmethod
    def create(cls, path: Path, recipe: Recipe, provenance: Mapping[str, Any]) -> Run:
        """Begin a run in a folder that holds none, or one that came to no checkpoint."""
        run = cls(path)
        if run.is_begun:
            msg = f"{path} already holds a run; add --resume to go on with it, or choose --out"
            raise RunError(msg, code="run-taken")
        run_files.write_begun(path, recipe.to_toml(), provenance)
        return run

    @property
    def is_begun(self) -> bool:
        """Whether a new beginning would lose something: a checkpoint, whole or not, volumes."""
        made = (self.checkpoints, self.path / "predictions", self.metrics)
        return self.recipe_file.exists() and any(any(f.glob("[!.]*")) for f in made)

    @classmethod
    def open(cls, path: Path) -> Run:
        """Open a run that exists.

        Raises:
            RunError: where there is none, its files were changed, or a newer repcat made it.
        """
        run = cls(path)
        if not run.recipe_file.is_file():
            msg = f"{path} is no run: there is no recipe.toml in it; `repcat train` makes one"
            raise RunError(msg, code="not-a-run")
        run_files.check_unchanged(path)
        run.provenance()
        return run

    def recipe(self, parts: Parts) -> Recipe:
        """Read the recipe, every default filled in.

        Raises:
            RunError: where it was changed.
            RecipeError: naming also the plugins that were there when the run began and are gone.
        """
        run_files.check_unchanged(self.path)
        try:
            return read(self.recipe_file, parts=parts)
        except RecipeError as error:
            known: dict[str, str] = self.provenance().get("plugins", {})
            gone = [f"{name} {known[name]}" for name in known if name not in parts.plugins]
            if not gone:
                raise
            msg = f"{error}\n  - this run began with a plugin that is missing: {', '.join(gone)}"
            raise RecipeError(msg, code="plugin-missing") from None

    def provenance(self) -> dict[str, Any]:
        """Read versions, command, dataset hash and device of the training."""
        return run_files.read_provenance(self.path)

    def write_provenance(self, values: Mapping[str, Any]) -> None:
        """Put other values into provenance.json; a kill leaves the old ones or the new."""
        run_files.rewrite_provenance(self.path, values)

    def predictions(self, dataset: str) -> Path:
        """Return the folder of the predictions on a dataset."""
        return self.path / "predictions" / dataset

    def log(self, record: Mapping[str, Any]) -> None:
        """Add one JSON object to log.jsonl."""
        log_file.append_record(self.log_file, record)

    def records(self) -> list[dict[str, Any]]:
        """Read log.jsonl; a line cut by a kill is left out.

        Raises:
            RunError: where a line was changed.
        """
        return log_file.read_records(self.log_file)

    def forget_after(self, step: int) -> None:
        """Drop what a resumed run will do again: log lines, and checkpoints, which are damaged."""
        log_file.keep_records(self.log_file, step)
        for later in (self.checkpoint(n) for n in self.steps() if n > step):
            aside = later.with_name(f"{later.name}.damaged")
            if aside.exists():
                remove_folder(aside)
            later.rename(aside)

    def checkpoint(self, step: int) -> Path:
        """Return the folder of a checkpoint."""
        return self.checkpoints / f"{step:06d}"

    def steps(self) -> list[int]:
        """List the steps of the whole checkpoints, oldest first."""
        names = [p.parent.name for p in self.checkpoints.glob(f"*/{STATE}")]
        return sorted(int(name) for name in names if name.isdecimal())

    def save(self, step: int, state: State) -> None:
        """Write a checkpoint."""
        write_checkpoint(self.checkpoint(step), state)

    def values(self, step: int) -> dict[str, Any]:
        """Read what a checkpoint says beside its tensors; empty where there is none.

        Raises:
            RunError: where it is damaged.
        """
        return read_values(self.checkpoint(step)) if step in self.steps() else {}

    def check_step(self, step: int | None = None) -> list[int]:
        """Return the steps to choose from: the one asked for, or all, oldest first.

        Raises:
            RunError: where there is none.
        """
        known = self.steps()
        if not known or step not in (None, *known):
            msg = f"{self.path} has no checkpoint of step {step}; there are {known}"
            if not known:
                again = f"repcat train {self.recipe_file} --out {self.path} --resume"
                msg = f"{self.path} has no checkpoint yet; go on with: {again}"
            raise RunError(msg, code="no-checkpoint")
        return known if step is None else [step]

    def load(self, step: int | None = None, tables: Iterable[str] = ()) -> State:
        """Read a checkpoint, the last whole one by default; of its tables only some, if named.

        A damaged one is told on stderr, and the one before is taken; not where a step is asked for.

        Raises:
            RunError: where there is none, or none is whole.
        """
        steps = self.check_step(step)
        if step is not None:
            return read_checkpoint(self.checkpoint(step), tables)
        return read_last([self.checkpoint(n) for n in steps], tables)

    def keep_last(self, count: int) -> None:
        """Delete all but the last `count` checkpoints; 0 keeps all."""
        for step in self.steps()[:-count] if count else []:
            self.delete(step)

    def delete(self, step: int) -> None:
        """Delete a checkpoint."""
        remove_folder(self.checkpoint(step))
