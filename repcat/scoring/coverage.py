"""Coverage: how much of each patient lies between the lower and the upper volume, and how wide."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor

from repcat.geometry import Geometry
from repcat.scoring.body_mask import body_mask
from repcat.scoring.organ_figures import AIR_HU, organ_figures
from repcat.types import Window

INTERVALS = "intervals"  # the table's name
BONE_HU = 200.0
TISSUES = {"lung": (-math.inf, AIR_HU), "soft": (AIR_HU, BONE_HU), "bone": (BONE_HU, math.inf)}


def coverage(
    truth: Tensor, volume: Tensor, lower: Tensor, upper: Tensor, window: Window
) -> dict[str, float]:
    """Return shares of voxels inside an interval, and its width; volumes (D, H, W) in HU.

    `coverage` of all voxels, `body_coverage` of the body's (`body_mask` of the truth), and of its
    lung, soft tissue and bone by the truth's HU; NaN where a patient has none. `width_hu` and
    `body_width_hu` are means; `width_rank` is Spearman's correlation of the absolute error with the
    width in the body: 1 where it is wide just where the volume is wrong. HU are cut to the window,
    outside of which the model knows nothing.
    """
    true = truth.float().clamp(window.low, window.high)
    inside = ((true >= lower) & (true <= upper)).float()
    body, width = body_mask(truth.float()), (upper - lower).float()
    found = {"coverage": _mean(inside), "body_coverage": _mean(inside[body])}
    for name, (low, high) in TISSUES.items():
        found[f"{name}_coverage"] = _mean(inside[body & (truth >= low) & (truth < high)])
    found |= {"width_hu": _mean(width), "body_width_hu": _mean(width[body])}
    found["width_rank"] = rank_correlation((true - volume).abs()[body], width[body])
    return found


def figure_coverage(
    truth: Tensor, spans: Mapping[str, Any], geometry: Geometry
) -> dict[str, float]:
    """Hold organ figures, each a value with its lowest and highest, against the truth's own.

    For each NAME the columns NAME, `true_NAME`, `NAME_width`, and `NAME_covered`, 1 or 0; NaN where
    it is not known.
    """
    found: dict[str, float] = {}
    for name, true in organ_figures(truth.float(), geometry).items():
        value, low, high = _numbers(spans.get(name))
        known = math.isfinite(high - low) and math.isfinite(true)
        covered = float(low <= true <= high) if known else math.nan
        found |= {name: value, f"true_{name}": true, f"{name}_width": high - low}
        found[f"{name}_covered"] = covered
    return found


def _numbers(span: object) -> tuple[float, float, float]:
    """Read a value with its lowest and highest from a record; NaN where it has none."""
    given = span if isinstance(span, Sequence) and len(span) == 3 else [None] * 3
    value, low, high = (x if isinstance(x, int | float) else math.nan for x in given)
    return float(value), float(low), float(high)


def worst_tenth(values: Sequence[float]) -> float:
    """Return the mean of the lowest tenth of the values, of one at least."""
    known = sorted(v for v in values if math.isfinite(v))
    lowest = known[: max(1, len(known) // 10)]
    return sum(lowest) / len(lowest) if lowest else math.nan


def rank_correlation(a: Tensor, b: Tensor) -> float:
    """Return Spearman's correlation, ties at their mean rank; NaN where one does not vary."""
    if len(a) < 2 or bool((a == a[0]).all()) or bool((b == b[0]).all()):
        return math.nan
    from scipy.stats import rankdata

    ranks = [rankdata(x.numpy()) for x in (a, b)]
    return float(np.corrcoef(*ranks)[0, 1])


def _mean(values: Tensor) -> float:
    return float(values.double().mean()) if values.numel() else math.nan
