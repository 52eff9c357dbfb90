"""Begin a training, or resume one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from repcat.config.load import read
from repcat.config.recipe import Recipe
from repcat.errors import RunError
from repcat.io.atomic import sweep
from repcat.models.build import open_patients
from repcat.registry.parts import Parts
from repcat.runs.provenance import provenance
from repcat.runs.run import Run
from repcat.training.session import Session


def start(
    recipe_file: Path, out: Path, settings: Sequence[str], device: str, parts: Parts
) -> tuple[Session, Run]:
    """Begin a run: everything is built before the first file is written."""
    recipe = read(recipe_file, settings, parts=parts)
    if Run(out).recipe_file.exists():
        Run.create(out, recipe, {})
    patients = open_patients(recipe, parts)
    session = Session(recipe, patients, parts, device)
    run = Run.create(out, recipe, provenance(patients.name, patients.fingerprint, device))
    return session, run


def resume(
    recipe_file: Path, out: Path, settings: Sequence[str], device: str, parts: Parts
) -> tuple[Session, Run]:
    """Go on from the last checkpoint of a run; only train.steps may differ from its recipe."""
    run = Run.open(out)
    recipe, before = read(recipe_file, settings, parts=parts), run.recipe(parts)
    if changed := differences(before, recipe):
        lines = "\n".join(f"  - {line}" for line in changed)
        msg = (
            f"{out} has another recipe; --resume may change train.steps alone; "
            f"docs/messages.md#another-recipe:\n{lines}"
        )
        raise RunError(msg, code="another-recipe")
    patients = open_patients(recipe, parts)
    if (known := run.provenance().get("dataset_hash")) not in (None, patients.fingerprint):
        msg = (
            f"the dataset {patients.name} has changed since {out} began (hash {known}); start "
            "anew; docs/messages.md#the-dataset-has-changed"
        )
        raise RunError(msg, code="the-dataset-has-changed")
    session = Session(recipe, patients, parts, device)
    sweep(run.path)
    if run.steps():
        _load(session, run)
    run.forget_after(session.step)
    return session, run


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


def differences(before: Recipe, now: Recipe) -> list[str]:
    """Say where two recipes differ, but for train.steps."""
    old, new = _flat(before.to_tables()), _flat(now.to_tables())
    keys = [k for k in sorted(old.keys() | new.keys()) if k != "train.steps"]
    gone = "not set"
    return [
        f"{k}: it has {old.get(k, gone)!r}, you ask for {new.get(k, gone)!r}"
        for k in keys
        if old.get(k) != new.get(k)
    ]


def _flat(table: dict[str, object], above: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{above}{key}.")
        else:
            flat[f"{above}{key}"] = value
    return flat
