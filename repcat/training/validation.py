"""Validation: scores of the validation split while a model is trained."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from repcat.models.ema import use_average
from repcat.scoring.body_mask import SKIN_HU
from repcat.scoring.grey_scale import grey_scale
from repcat.scoring.variance import variances
from repcat.training.session import Session
from repcat.types import Batch, Window

Figures = dict[str, float]


@torch.no_grad()
def validate(
    session: Session, asked: Callable[[], int] = lambda: 0
) -> tuple[Figures, Batch, Tensor] | None:
    """Score the validation split with averaged weights: `validation_<figure>`, means over patients.

    `psnr` and `mae` on [0, 1] of the whole volume; `body_bias_hu`, `calibration_slope` and
    `contrast_ratio` as `grey_scale`; `variance_ratio`, the variance between outputs over that
    between truths: 0 where all patients get one volume. Returns None where the dataset has no
    validation patients, and when `asked` to stop; the test split is never touched.
    """
    ids = session.cache.patients.ids("validation")
    if not ids:
        return None
    rows, truths, seen, first = [], [], [], None
    with averaged(session):
        for patient in ids:
            if asked():
                return None
            batch = session.cache.batch([patient]).to(session.device)
            volume = session(batch).volume.clamp(0, 1)
            rows.append(_figures(batch.volume, volume, session.recipe.window))
            truths.append(batch.volume.cpu())
            seen.append(volume.cpu())
            first = first or (batch, volume)
    assert first is not None
    found = _means(rows) | _variance_ratio(torch.cat(truths), torch.cat(seen))
    return {f"validation_{name}": value for name, value in found.items()}, *first


def _figures(truth: Tensor, volume: Tensor, window: Window) -> Figures:
    """Score one patient's volume (1, 1, D, H, W) on [0, 1]."""
    error = volume - truth
    psnr = -10 * torch.log10(error.pow(2).mean().clamp(min=1e-10)).item()
    found = {"psnr": psnr, "mae": error.abs().mean().item()}
    true, hu = window.to_hu(truth[0, 0]), window.to_hu(volume[0, 0])
    if bool((true > SKIN_HU).any()):
        grey = grey_scale(true, hu)
        found |= {"body_bias_hu": grey.bias_hu, "calibration_slope": grey.slope}
        found["contrast_ratio"] = grey.contrast
    return found


def _means(rows: Sequence[Figures]) -> Figures:
    """Return the mean of each figure over the patients that have it: a number, not NaN."""
    known: dict[str, list[float]] = {}
    for name, value in (item for row in rows for item in row.items()):
        if math.isfinite(value):
            known.setdefault(name, []).append(value)
    return {name: sum(values) / len(values) for name, values in known.items()}


def _variance_ratio(truths: Tensor, seen: Tensor) -> Figures:
    """Compare what is between the outputs (P, ...) with what is between the truths."""
    if len(truths) < 2 or not (between := float(variances(truths).mean())):
        return {}
    return {"variance_ratio": float(variances(seen).mean()) / between}


@contextmanager
def averaged(session: Session) -> Iterator[None]:
    """Evaluate with the averaged weights where there are any, then put the trained ones back."""
    network, average = session.network.eval(), session.average
    kept = {name: value.clone() for name, value in network.state_dict().items() if average}
    if average:
        use_average(network, average.weights)
    try:
        yield
    finally:
        network.load_state_dict(kept, strict=average is not None)
        network.train()
