"""Calibration of a run: by which factor its quantiles cover, on patients that it has not seen."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from repcat.data.leaks import check_apart
from repcat.errors import DataError, RunError
from repcat.inference.intervals import no_quantiles
from repcat.inference.predictor import Predictor, load_predictor
from repcat.registry.parts import Parts
from repcat.rng import generator
from repcat.runs.calibration import Calibration
from repcat.runs.checkpoint import weights_hash
from repcat.runs.opened import OpenRun
from repcat.runs.run import Run
from repcat.scoring.body_mask import body_mask
from repcat.scoring.evaluate import Advance, quiet
from repcat.scoring.interval_sets import Quantiles
from repcat.scoring.organ_figures import organ_figures
from repcat.scoring.risk_control import (
    DEFAULT,
    FACTORS,
    Bound,
    check_enough,
    conformal_sides,
    smallest_factor,
    upper_bound,
)
from repcat.types import Patient

Where = Literal["body", "volume"]
MOST_VIEWS = 8  # beyond these an any-view run is not calibrated


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a calibration.

    `alpha` is the mean share of a patient's voxels that may be missed, `delta` the chance that it
    is more all the same, `where` whether all voxels count or those of the body, `bound` by which
    bound that is shown.
    """

    alpha: float = 0.1
    delta: float = 0.1
    split: str = "validation"
    where: Where = "body"
    bound: Bound = DEFAULT
    step: int | None = None
    device: str = "cpu"
    advance: Advance = quiet


@dataclass(slots=True)
class Shown:
    """What the patients show for one number of views: shares missed, errors of organ figures."""

    missed: list[NDArray[np.float64]]
    errors: dict[str, list[float]]


def calibrate_run(
    run: Run, parts: Parts, asked: Asked, data: Path | None = None
) -> tuple[Calibration, Path]:
    """Find a run's factors and write them beside it; returns them and the file.

    `data` is a prepared dataset to calibrate on instead of the recipe's own.

    Raises:
        RepcatError: where the run has no quantiles, the split is one that may not be used, its
            patients were trained on, are too few, or no factor covers.
    """
    opened = OpenRun.of(run, parts, data)
    ids = _check(opened, asked)
    predictor = load_predictor(opened, asked.device, asked.step)
    shown = {n: Shown([], {}) for n in _counts(predictor, len(opened.recipe.views))}
    for done, name in enumerate(ids, start=1):
        _look(opened.patients.load(name), opened, predictor, asked, shown)
        asked.advance("patients", done, len(ids))
    found = Calibration(
        dataset=opened.patients.name,
        fingerprint=opened.patients.fingerprint,
        split=asked.split,
        count=len(ids),
        patients=list(ids),
        where=asked.where,
        bound=asked.bound,
        alpha=asked.alpha,
        delta=asked.delta,
        quantiles=list(opened.recipe.train.quantiles),
        step=predictor.step,
        weights=weights_hash(run.checkpoint(predictor.step)),
        factors=[_entry(count, seen, asked) for count, seen in shown.items()],
    )
    return found, found.write(run.path)


def _check(opened: OpenRun, asked: Asked) -> tuple[str, ...]:
    """Return the patients, or refuse what gives no guarantee before anything is computed."""
    if asked.split == "test":
        msg = "the test split is for scores alone; calibrate on --split validation"
        raise DataError(msg, code="calibrate-on-test")
    for name, value in (("alpha", asked.alpha), ("delta", asked.delta)):
        if not 0 < value < 1:
            msg = f"--{name} {value:g} must lie between 0 and 1, such as 0.1"
            raise DataError(msg, code="not-a-share")
    if not opened.recipe.train.has_quantiles:
        raise no_quantiles(opened.run.path)
    if opened.stretched:
        msg = (
            f"{opened.run.path} knows no HU (data.volume = 'minmax'), so that its quantiles are in "
            "no unit; train with data.volume = 'window'"
        )
        raise RunError(msg, code="no-hu")
    ids = opened.ids(asked.split)
    _check_unseen(opened, asked.split)
    check_enough(len(ids), asked.alpha, asked.delta, asked.bound)
    opened.patients.check(ids)
    return ids


def _check_unseen(opened: OpenRun, split: str) -> None:
    """Raise DataError where the run was trained on these patients."""
    own = opened if opened.data is None else OpenRun.of(opened.run, opened.parts)
    same = own.patients.fingerprint == opened.patients.fingerprint
    if same and split == "train":
        msg = (
            "the run was trained on the train split, whose errors are smaller than those of new "
            "patients; calibrate on --split validation"
        )
        raise DataError(msg, code="calibrate-on-train")
    if not same:
        check_apart(own.patients, opened.patients, ("train",), split, "the calibration")


def _counts(predictor: Predictor, views: int) -> Sequence[int]:
    """Return the numbers of views that need a factor each."""
    several = predictor.network.mapper.any_views
    return range(1, min(views, MOST_VIEWS) + 1) if several else (views,)


def _look(
    patient: Patient,
    opened: OpenRun,
    predictor: Predictor,
    asked: Asked,
    shown: dict[int, Shown],
) -> None:
    """Add what one patient shows, for each number of views."""
    truth, geometry = patient.volume.float(), opened.patients.geometry
    where = body_mask(truth) if asked.where == "body" else torch.ones_like(truth, dtype=torch.bool)
    true = organ_figures(truth, geometry)
    batch = opened.cache.of(patient)
    for count, seen in shown.items():
        some = _some(len(batch.views), count, opened.recipe.train.seed, patient.id)
        reading: Tensor = predictor.reading(batch.seen_in(some))[0]
        seen.missed.append(Quantiles(*reading).missed(truth, where, opened.recipe.window))
        for name, value in organ_figures(reading[0], geometry).items():
            seen.errors.setdefault(name, []).append(value - true[name])


def _some(views: int, count: int, seed: int, patient: str) -> list[int]:
    """Choose which views a patient is seen in: any set is as likely, for each patient anew."""
    chance = generator(seed, "calibrate", patient, count)
    return sorted(torch.randperm(views, generator=chance)[:count].tolist())


def _entry(count: int, seen: Shown, asked: Asked) -> dict[str, Any]:
    """Return what calibration.json holds of one number of views."""
    missed = np.stack(seen.missed)
    place = smallest_factor(missed, asked.alpha, asked.delta, asked.bound)
    losses = missed[:, place]
    return {
        "views": count,
        "factor": float(FACTORS[place]),
        "missed": float(losses.mean()),
        "bound": upper_bound(losses, asked.delta, asked.bound),
        "worst": float(losses.max()),
        "figures": dict(_sides(seen, asked.alpha)),
    }


def _sides(seen: Shown, alpha: float) -> Iterator[tuple[str, list[float] | None]]:
    for name, errors in seen.errors.items():
        sides = conformal_sides(errors, alpha)
        yield name, [*sides] if all(map(math.isfinite, sides)) else None
