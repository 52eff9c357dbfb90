"""Mode collapse: a collapsed model gives every patient the same volume."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from repcat.errors import DataError
from repcat.scoring.metrics import ncc, pairwise_correlation
from repcat.scoring.summary import MODEL, Row
from repcat.scoring.variance import variances

TRUTH = "truth"


def collapse_rows(
    truths: Mapping[str, Tensor],
    predictions: Mapping[str, Tensor],
    repeats: Mapping[str, Sequence[Tensor]] | None = None,
) -> list[Row]:
    """Compare how predictions differ from patient to patient with how the truths do.

    Volumes (D, H, W) on one scale, by patient, two patients or more. The figures, 0 where the
    output does not depend on the input, 1 for the truth itself:
    `variance_ratio`, squared distance from the mean patient over that of the truths;
    `distance_ratio`, 1 - correlation with the other patients, over that of the truths;
    `specific`, correlation of (prediction - mean prediction) with (truth - mean truth): what
    varies without meaning, such as noise, scores 0 here. `repeats` are several predictions from
    the same X-rays; `repeat_ratio` is their variance over that of the truths, 0 for a
    deterministic model.
    """
    ids = list(truths)
    true, seen = (torch.stack([v[i].float() for i in ids]) for v in (truths, predictions))
    _check_differences(true)
    scales = float(variances(true).mean()), float(_distances(true).mean())
    rows = []
    for method, volumes in ((MODEL, seen), (TRUTH, true)):
        figures = _figures(volumes, true, scales)
        for name, found in zip(ids, figures, strict=True):
            if repeats:
                again = repeats[name] if method == MODEL else ()
                found["repeat_ratio"] = repeat_variance(again) / scales[0]
            rows.append(Row(name, method, found))
    return rows


def repeat_variance(volumes: Sequence[Tensor]) -> float:
    """Return the mean voxel's variance over predictions of one patient; 0 of fewer than two."""
    if len(volumes) < 2:
        return 0.0
    return float(torch.stack([v.double() for v in volumes]).var(dim=0).mean())


def _figures(volumes: Tensor, true: Tensor, scales: tuple[float, float]) -> list[dict[str, float]]:
    variance_P, distance_P = variances(volumes).tolist(), _distances(volumes).tolist()
    ours, theirs = volumes - volumes.mean(dim=0), true - true.mean(dim=0)
    return [
        {
            "variance": variance,
            "variance_ratio": variance / scales[0],
            "distance_ratio": distance / scales[1],
            # differences below this are rounding: their correlation means nothing
            "specific": ncc(a, b) if variance > 1e-12 else 0.0,
        }
        for variance, distance, a, b in zip(variance_P, distance_P, ours, theirs, strict=True)
    ]


def _distances(volumes: Tensor) -> Tensor:
    """Return 1 - mean correlation (P,) of each patient with the others."""
    others = len(volumes) - 1
    return 1 - (pairwise_correlation(volumes).sum(dim=1) - 1) / others


def _check_differences(true: Tensor) -> None:
    if len(true) < 2 or not bool(variances(true).mean() > 0):
        msg = (
            f"collapse is a difference between patients, and this split has {len(true)} with "
            "nothing between them; measure a split of two patients or more with --split"
        )
        raise DataError(msg, code="too-few-patients")
