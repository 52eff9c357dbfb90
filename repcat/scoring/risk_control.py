"""Risk control: the smallest factor whose intervals miss no more than is allowed, with confidence.

Risk-controlling prediction sets (Bates, Angelopoulos, Lei, Malik, Jordan 2021, "Distribution-Free,
Risk-Controlling Prediction Sets", J. ACM 68) with the Hoeffding-Bentkus bound, and split conformal
prediction for one figure a patient. The unit is the patient: its voxels are not independent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from repcat.errors import DataError

# Factors that are tried: 0, then in steps of .7 % from .01 to 100. The guarantee holds for any set
# of factors that is chosen beforehand.
FACTORS: NDArray[np.float64] = np.concatenate(([0.0], np.geomspace(0.01, 100, 1321)))


def risk_p_value(missed: float, patients: int, alpha: float) -> float:
    """Return the Hoeffding-Bentkus p-value of "the risk is more than alpha".

    `missed` is the mean loss of so many independent patients, each loss in [0, 1]. The smaller of
    Hoeffding's exp(-n h(min(r, alpha), alpha)), with h the Kullback-Leibler divergence of two
    coins, and Bentkus' e P(Binomial(n, alpha) <= ceil(n r)) (Bates et al. 2021, Sec. 3.1).
    """
    from scipy.stats import binom

    hoeffding = math.exp(-patients * divergence(min(missed, alpha), alpha))
    whole = math.ceil(round(patients * missed, 9))  # 0.1 * 30 is a little more than 3
    bentkus = math.e * float(binom.cdf(whole, patients, alpha))
    return min(hoeffding, bentkus, 1.0)


def divergence(a: float, b: float) -> float:
    """Return a log(a / b) + (1 - a) log((1 - a) / (1 - b)), the divergence of two coins."""
    first = a * math.log(a / b) if a else 0.0
    second = (1 - a) * math.log((1 - a) / (1 - b)) if a < 1 else 0.0
    return first + second


def upper_bound(missed: float, patients: int, delta: float) -> float:
    """Return what the risk lies below with confidence 1 - delta: where the p-value is delta."""
    low, high = missed, 1.0 - 1e-12
    if low >= high or risk_p_value(missed, patients, high) > delta:
        return 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if middle > 0 and risk_p_value(missed, patients, middle) <= delta:
            high = middle
        else:
            low = middle
    return high


def least_bound(patients: int, delta: float) -> float:
    """Return the lowest that the bound can be, where nothing at all is missed: 1 - delta^(1/n)."""
    return float(1 - delta ** (1 / patients))


def patients_needed(alpha: float, delta: float) -> int:
    """Return how many patients a risk of alpha needs: n with (1 - alpha)^n <= delta."""
    return math.ceil(math.log(delta) / math.log(1 - alpha) - 1e-9)


def check_enough(patients: int, alpha: float, delta: float) -> None:
    """Raise DataError where so few patients can give no guarantee, whatever they show."""
    needed = patients_needed(alpha, delta)
    if patients < needed:
        least = least_bound(patients, delta)
        msg = (
            f"{patients} patient{'s' * (patients != 1)} cannot show that {alpha:g} or less is "
            f"missed at confidence {1 - delta:g}: even with nothing missed the bound is "
            f"{least:.3f}, so that needs {needed}; calibrate on more, or with a larger --alpha "
            "or --delta"
        )
        raise DataError(msg, code="too-few-patients")


def smallest_factor(missed: NDArray[np.float64], alpha: float, delta: float) -> int:
    """Return the place in FACTORS of the smallest that controls the risk.

    `missed` is (patients, factors), each patient's share of voxels missed, which falls with the
    factor. The smallest is the last from above down to which every bound is at most alpha.

    Raises:
        DataError: where there are too few patients, or the largest factor misses too much.
    """
    count = len(missed)
    check_enough(count, alpha, delta)
    means = missed.mean(axis=0)
    found = None
    for place in range(len(means) - 1, -1, -1):
        if risk_p_value(float(means[place]), count, alpha) > delta:
            break
        found = place
    if found is None:
        msg = (
            f"intervals {FACTORS[-1]:g} times as wide still miss {means[-1]:.3f} of the voxels, "
            f"which does not show a risk of {alpha:g}: the quantiles have learnt too little; train "
            "longer, or calibrate on more patients"
        )
        raise DataError(msg, code="cannot-calibrate")
    return found


def conformal_half_width(errors: Sequence[float], alpha: float) -> float:
    """Return q so that truth lies within q of the prediction for 1 - alpha of new patients.

    The ceil((n + 1)(1 - alpha))-th smallest absolute error (split conformal prediction; Vovk et
    al. 2005, Lei et al. 2018); infinite where there are fewer than 1 / alpha - 1 patients. An error
    that is not a number counts as infinite.
    """
    known = sorted(math.inf if math.isnan(e) else abs(e) for e in errors)
    rank = math.ceil(round((len(known) + 1) * (1 - alpha), 9))
    return known[rank - 1] if rank <= len(known) else math.inf
