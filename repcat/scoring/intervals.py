"""Confidence intervals: how sure a mean over patients is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 10_000
SEED = 20240
# The lowest and the highest of n values hold the middle of what they are drawn from with
# probability 1 - 2^(1 - n): .75 for 3, .938 for 5, .969 for 6. No interval inside them does better,
# and the sign test cannot reach 5 % either: of fewer than 6 patients there is no 95 % interval that
# does not assume a distribution, and the bootstrap's is the range under another name.
FEWEST = 6


@dataclass(frozen=True, slots=True)
class Interval:
    """Mean over `n` patients, standard deviation between them, and the mean's 95 % interval.

    `is_range` says that `low` and `high` are the lowest and highest value, of too few patients for
    an interval.
    """

    mean: float
    sd: float
    low: float
    high: float
    n: int
    is_range: bool = False

    @property
    def verdict(self) -> str:
        """What to say of a difference beside it; nothing where an interval excludes zero."""
        if math.isnan(self.low):
            return ": no interval"
        if self.is_range:
            return f": {span_of(self.n)}, not shown to differ"
        clear = self.low > 0 or self.high < 0
        return "" if clear else ": the interval holds 0, not shown to differ"

    def lead(self, digits: int) -> str:
        """Write it as a difference: mean, and the interval where there is one."""
        span = f" [{self.low:+.{digits}f}, {self.high:+.{digits}f}]"
        return f"{self.mean:+.{digits}f}{'' if math.isnan(self.low) else span}"


def span_of(patients: int) -> str:
    """Say what stands beside a mean over so many patients."""
    if patients < 2:
        return "no interval (one patient)"
    few = f"the range of {patients} patients, too few for an interval"
    return few if patients < FEWEST else "the 95 % bootstrap interval of the mean"


def bootstrap(values: Sequence[float]) -> Interval:
    """Resample patients 10,000 times with a fixed seed; the interval is 2.5 to 97.5 %.

    The percentile method (Efron 1979). Of fewer than 6 patients it is their range. `sd` divides by
    n - 1. One patient has neither spread nor interval: they are NaN. Values that are not finite (a
    PSNR without error, a blur beyond the scale) make figures that are not.
    """
    x = np.asarray(values, dtype=np.float64)
    if not np.isfinite(x).all():
        mean = math.inf if np.isposinf(x).any() else math.nan
        return Interval(mean, math.nan, math.nan, math.nan, len(x))
    if len(x) == 1:
        return Interval(float(x[0]), math.nan, math.nan, math.nan, 1)
    mean, sd = float(x.mean()), float(x.std(ddof=1))
    if len(x) < FEWEST:
        return Interval(mean, sd, float(x.min()), float(x.max()), len(x), is_range=True)
    draws = np.random.default_rng(SEED).integers(0, len(x), size=(RESAMPLES, len(x)))
    low, high = np.quantile(x[draws].mean(axis=1), (0.025, 0.975))
    return Interval(mean, sd, float(low), float(high), len(x))


def paired(ours: Sequence[float], theirs: Sequence[float]) -> Interval:
    """Return the interval of ours minus theirs, patient by patient, in one order."""
    pairs = zip(ours, theirs, strict=True)
    return bootstrap([a - b for a, b in pairs])


def paired_over_seeds(
    ours: Sequence[Sequence[float]], theirs: Sequence[Sequence[float]]
) -> Interval:
    """Return the interval of ours minus theirs over patients and seeds; each is (seeds, patients).

    Other patients and other seeds would give another difference. The variance of its mean is that
    of the patients' differences over n, plus for each side that of the seeds' means over their
    number, with Welch's degrees of freedom (Satterthwaite 1946), so few seeds make a wide interval;
    that takes the differences to be normal, and so holds for few patients too.
    Where neither side has several seeds it is `paired`. A baseline has one and no luck.
    """
    a, b = (np.asarray(side, dtype=np.float64) for side in (ours, theirs))
    by_patient = a.mean(axis=0) - b.mean(axis=0)
    several = [side.mean(axis=1) for side in (a, b) if len(side) > 1]
    if not several or len(by_patient) < 2 or not np.isfinite(by_patient).all():
        return bootstrap(by_patient)
    from scipy import stats

    parts = [(x.var(ddof=1) / len(x), len(x) - 1) for x in (by_patient, *several)]
    variance = sum(v for v, _ in parts)
    freedom = variance**2 / max(sum(v**2 / n for v, n in parts), 1e-300)
    half = float(stats.t.ppf(0.975, max(freedom, 1.0)) * variance**0.5)
    mean = float(by_patient.mean())
    return Interval(mean, float(by_patient.std(ddof=1)), mean - half, mean + half, len(by_patient))
