"""How sure a mean over patients is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 10_000
SEED = 20240


@dataclass(frozen=True, slots=True)
class Interval:
    """Mean over `n` patients, standard deviation between them, and the mean's 95 % interval."""

    mean: float
    sd: float
    low: float
    high: float
    n: int

    @property
    def excludes_zero(self) -> bool:
        """True where the whole interval lies on one side of zero."""
        return self.low > 0 or self.high < 0


def bootstrap(values: Sequence[float]) -> Interval:
    """Resample patients 10,000 times with a fixed seed; the interval is 2.5 to 97.5 %.

    The percentile method (Efron 1979). `sd` divides by n - 1; of one patient it is 0. Values that
    are not finite (a PSNR without error, a blur beyond the scale) make figures that are not.
    """
    x = np.asarray(values, dtype=np.float64)
    if not np.isfinite(x).all():
        mean = float("inf") if np.isposinf(x).any() else float("nan")
        return Interval(mean, float("nan"), float("nan"), float("nan"), len(x))
    draws = np.random.default_rng(SEED).integers(0, len(x), size=(RESAMPLES, len(x)))
    low, high = np.quantile(x[draws].mean(axis=1), (0.025, 0.975))
    sd = float(x.std(ddof=1)) if len(x) > 1 else 0.0
    return Interval(float(x.mean()), sd, float(low), float(high), len(x))


def paired(ours: Sequence[float], theirs: Sequence[float]) -> Interval:
    """Return the interval of ours minus theirs, patient by patient, in one order."""
    pairs = zip(ours, theirs, strict=True)
    return bootstrap([a - b for a, b in pairs])
