"""Run directory: recipe, provenance, log, checkpoints, predictions, metrics."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from repcat.config.load import read
from repcat.config.recipe import Recipe
from repcat.errors import DataError, RecipeError, RunError
from repcat.io.atomic import atomic_file, os_errors_as_data_errors
from repcat.registry.parts import Parts
from repcat.runs.checkpoint import STATE, State, read_checkpoint, write_checkpoint


class Run:
    """Where a run keeps what.

    recipe.toml, provenance.json, log.jsonl, checkpoints/<step>/, predictions/<dataset>/,
    metrics/, pictures/.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.recipe_file = path / "recipe.toml"
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
        made = path / "provenance.json"
        with atomic_file(made) as file:
            file.write_text(json.dumps(dict(provenance), indent=2) + "\n", encoding="utf-8")
        try:
            with atomic_file(run.recipe_file) as file:
                file.write_text(recipe.to_toml(), encoding="utf-8")
        except DataError:
            made.unlink()
            raise
        return run

    @property
    def is_begun(self) -> bool:
        """Whether a new beginning would lose something: a checkpoint, whole or not, volumes."""
        made = (self.checkpoints, self.path / "predictions", self.metrics)
        return self.recipe_file.exists() and any(any(f.glob("[!.]*")) for f in made)

    @classmethod
    def open(cls, path: Path) -> Run:
        """Open a run that exists."""
        run = cls(path)
        if not run.recipe_file.is_file():
            msg = f"{path} is no run: there is no recipe.toml in it; `repcat train` makes one"
            raise RunError(msg, code="not-a-run")
        return run

    def recipe(self, parts: Parts) -> Recipe:
        """Read the recipe, every default filled in.

        Raises:
            RecipeError: naming also the plugins that were there when the run began and are gone.
        """
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
        return _read_json(self.path / "provenance.json")

    def predictions(self, dataset: str) -> Path:
        """Return the folder of the predictions on a dataset."""
        return self.path / "predictions" / dataset

    def log(self, record: Mapping[str, Any]) -> None:
        """Add one JSON object to log.jsonl."""
        path = self.log_file
        with os_errors_as_data_errors(path), path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(dict(record)) + "\n")

    def records(self) -> list[dict[str, Any]]:
        """Read log.jsonl; a line cut by a kill is left out."""
        found = []
        for line in self.log_file.read_text("utf-8").splitlines() if self.log_file.exists() else []:
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return found

    def forget_after(self, step: int) -> None:
        """Drop log lines of steps that a resumed run will do again."""
        kept = [r for r in self.records() if r.get("step", 0) <= step]
        with atomic_file(self.log_file) as file:
            file.write_text("".join(json.dumps(r) + "\n" for r in kept), encoding="utf-8")

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
        """Read what a checkpoint says beside its tensors; empty where it cannot be read."""
        return _read_json(self.checkpoint(step) / STATE)

    def load(self, step: int | None = None) -> State:
        """Read a checkpoint, the last one by default.

        Raises:
            RunError: where there is none, or it is damaged.
        """
        known = self.steps()
        step = known[-1] if step is None and known else step
        if step is None or step not in known:
            msg = f"{self.path} has no checkpoint of step {step}; there are {known}"
            if not known:
                again = f"repcat train {self.recipe_file} --out {self.path} --resume"
                msg = f"{self.path} has no checkpoint yet; go on with: {again}"
            raise RunError(msg, code="no-checkpoint")
        return read_checkpoint(self.checkpoint(step))

    def keep_last(self, count: int) -> None:
        """Delete all but the last `count` checkpoints; 0 keeps all."""
        for step in self.steps()[:-count] if count else []:
            self.delete(step)

    def delete(self, step: int) -> None:
        """Delete a checkpoint."""
        shutil.rmtree(self.checkpoint(step))


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found
