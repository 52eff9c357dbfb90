"""Pose sensitivity: scores when the X-rays' azimuths are a little wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from torch import Tensor

from repcat.runs.opened import OpenRun
from repcat.scoring.protocols import STANDARD, protocol
from repcat.scoring.summary import Row
from repcat.types import Batch, Patient
from repcat.view import View

DEGREES = (0.0, 1.0, 2.0, 5.0, 10.0)


def turned(views: Sequence[View], degrees: float, moved: str) -> tuple[View, ...]:
    """Return the views with the azimuth of 'all' of them, or of the 'last' alone, off by degrees.

    All: the patient stands turned. The last: the patient moved between two exposures.
    """
    still = () if moved == "all" else tuple(views[:-1])
    off = [replace(v, azimuth=(v.azimuth + degrees) % 360) for v in views[len(still) :]]
    return (*still, *off)


def cases(views: Sequence[View], errors: Sequence[float]) -> Iterator[tuple[str, tuple[View, ...]]]:
    """Yield a name and the true views of every error; one view has no 'last' of its own."""
    for moved in ("all", "last") if len(views) > 1 else ("all",):
        for error in errors:
            if error or moved == "all":
                yield f"{moved} {error:+g} deg", turned(views, error, moved)


def pose_rows(
    patient: Patient,
    opened: OpenRun,
    predict: Callable[[Batch], Tensor],
    degrees: Sequence[float] = DEGREES,
) -> Iterator[Row]:
    """Project the truth from turned views, let the model believe in the nominal ones, and score.

    The truth stays where it is, so an error of all views also shows how far the volume turned with
    the patient. Figures of protocol `standard`. `all +0 deg` is projected anew as the others are;
    it differs from the stored X-rays where those came from a finer CT. `predict` turns a batch of
    one into HU (D, H, W).
    """
    recipe, patients, truth = opened.recipe, opened.patients, patient.volume.float()
    score = protocol(STANDARD, opened.parts).against(truth, recipe.window)
    mu = patients.attenuate(truth)
    for name, views in cases(recipe.views, degrees):
        integrals = opened.projector(mu, patients.geometry, views).cpu()
        batch = opened.cache.of(replace(patient, integrals=integrals))
        yield Row(patient.id, name, score(predict(batch)))
