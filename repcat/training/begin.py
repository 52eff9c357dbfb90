"""Begin a training, or resume one."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from repcat.arithmetic import Arithmetic
from repcat.config.load import read
from repcat.config.recipe import Recipe
from repcat.contracts import Patients
from repcat.data.leaks import check_leaks
from repcat.errors import RunError
from repcat.io.atomic import sweep
from repcat.models.build import open_training
from repcat.registry.parts import Parts
from repcat.runs.divergence import FILE as DIVERGED
from repcat.runs.provenance import check_dataset, provenance, resumed
from repcat.runs.run import Run
from repcat.training.auto_precision import AUTO, settle, with_precision
from repcat.training.logger import board_writer
from repcat.training.session import Session, check_compiler
from repcat.training.warm_start import warm_start

FREE = ("train.steps", "train.workers", "data.cache_gb")
"""What --resume may change: how far, and how patients are loaded, which alters no bit."""
PRECISION = ("train", "precision")


def start(
    recipe_file: Path,
    out: Path,
    settings: Sequence[str],
    device: str,
    parts: Parts,
    arithmetic: Arithmetic | None = None,
    warm: Path | None = None,
) -> tuple[Session, Run]:
    """Begin a run: everything is built before the first file is written.

    What came to no checkpoint before, of this recipe or another, is begun anew. `warm` is a run
    whose weights it begins with; they are saved as step 0, so that a resumed run has them too.
    """
    recipe = read(recipe_file, settings, parts=parts)
    if Run(out).is_begun:
        Run.create(out, recipe, {})
    _chosen(recipe, arithmetic).set()
    patients = open_training(recipe, parts)
    check(patients)
    _check_tools(recipe, device)
    recipe, why = settle(recipe, patients, parts, device)
    session = Session(recipe, patients, parts, device)
    told = provenance(patients.name, patients.fingerprint, device)
    if why:
        told["precision"] = why
    if warm:
        told["from"] = warm_start(session, warm, parts).record()
    run = Run.create(out, recipe, told)
    for folder in (run.pictures, run.path / "tensorboard"):
        shutil.rmtree(folder, ignore_errors=True)
    _clear(run, 0)
    if warm:
        run.save(0, session.state())
    return session, run


def resume(
    recipe_file: Path,
    out: Path,
    settings: Sequence[str],
    device: str,
    parts: Parts,
    arithmetic: Arithmetic | None = None,
) -> tuple[Session, Run]:
    """Go on from the last checkpoint of a run; of its recipe only what `FREE` names may differ."""
    run = Run.open(out)
    recipe, before = read(recipe_file, settings, parts=parts), run.recipe(parts)
    if changed := differences(before, recipe):
        lines = "\n".join(f"  - {line}" for line in changed)
        msg = (
            f"{out} has another recipe; --resume may change {', '.join(FREE)} alone; "
            f"docs/messages.md#another-recipe:\n{lines}"
        )
        raise RunError(msg, code="another-recipe")
    if recipe.train.precision == AUTO:
        recipe = with_precision(recipe, before.train.precision)
    told = run.provenance()
    _as_it_began(told, out, arithmetic).set()
    patients = open_training(recipe, parts)
    check_dataset(told, patients, out)
    check(patients)
    _check_tools(recipe, device)
    session = Session(recipe, patients, parts, device)
    if run.steps():
        _load(session, run)
    _clear(run, session.step)
    if session.step < recipe.train.steps:
        run.write_provenance(resumed(told, session.step, recipe.train.steps, device))
    return session, run


def check(patients: Patients) -> None:
    """Raise DataError before the first step where a patient is damaged, or a scan in two splits."""
    check_leaks(patients)
    patients.check([i for split in ("train", "validation") for i in patients.ids(split)])


def _check_tools(recipe: Recipe, device: str) -> None:
    """Refuse what the recipe wants and this machine has not, before anything is written."""
    if recipe.train.tensorboard:
        board_writer()
    if recipe.train.compile:
        check_compiler(device)


def _clear(run: Run, step: int) -> None:
    """Take away what a kill left half-written, and what of steps will be done again.

    Predictions and pages, which others may be writing meanwhile, are left to them.
    """
    for folder in (run.checkpoints, run.pictures):
        sweep(folder)
    (run.path / DIVERGED).unlink(missing_ok=True)
    for file in run.path.glob(".*.tmp*"):
        if not file.name.startswith(".report.html."):
            file.unlink(missing_ok=True)
    run.forget_after(step)


def _load(session: Session, run: Run) -> None:
    """Go back to the last checkpoint, or say that it is another recipe's."""
    state = run.load()
    try:
        session.load(state)
    except (KeyError, ValueError, RuntimeError):
        msg = (
            f"the checkpoint of step {state.values['step']} in {run.path} does not fit its "
            "recipe.toml: one of the two is another run's; delete it to go back to the one before"
        )
        raise RunError(msg, code="other-weights") from None


def _chosen(recipe: Recipe, asked: Arithmetic | None) -> Arithmetic:
    """Return what a run begins with: the recipe's threads go before those asked for."""
    asked = asked or Arithmetic.chosen()
    return replace(asked, threads=recipe.train.threads or asked.threads)


def _as_it_began(told: Mapping[str, Any], out: Path, asked: Arithmetic | None) -> Arithmetic:
    """Return what a run began with, so that its bits stay an unbroken run's.

    Raises:
        RunError: where it is to become deterministic.
    """
    known = Arithmetic.recorded(told)
    if asked and asked.deterministic and not known.deterministic:
        msg = f"{out} began without --deterministic; leave it out, or train into another --out"
        raise RunError(msg, code="not-begun-deterministic")
    return known


def differences(before: Recipe, now: Recipe) -> list[str]:
    """Say where two recipes differ, but for what changes no result that both come to.

    `auto` is whatever precision the run began with.
    """
    old, new = leaves(before.to_tables()), leaves(now.to_tables())
    if new.get(PRECISION) == AUTO:
        new[PRECISION] = old[PRECISION]
    changed = [k for k in sorted(old.keys() | new.keys()) if old.get(k) != new.get(k)]
    told = {".".join(k): (old.get(k, "not set"), new.get(k, "not set")) for k in changed}
    return [f"{k}: it has {a!r}, you ask for {b!r}" for k, (a, b) in told.items() if k not in FREE]


def leaves(table: Mapping[str, Any], above: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Return each value of nested tables by its path of keys."""
    found: dict[tuple[str, ...], Any] = {}
    for key, value in table.items():
        path = (*above, key)
        found |= leaves(value, path) if isinstance(value, Mapping) else {path: value}
    return found
