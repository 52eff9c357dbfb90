"""Risk control: the smallest factor whose intervals miss no more than is allowed, with confidence.

Risk-controlling prediction sets (Bates, Angelopoulos, Lei, Malik, Jordan 2021, "Distribution-Free,
Risk-Controlling Prediction Sets", J. ACM 68) with the Hoeffding-Bentkus bound, and split conformal
prediction for one figure a patient. The unit is the patient: its voxels are not independent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from repcat.errors import DataError

Losses = NDArray[np.float64]
Bound = Literal["hoeffding-bentkus", "betting"]
DEFAULT: Bound = "hoeffding-bentkus"
# Factors that are tried: 0, then in steps of .7 % from .01 to 100. The guarantee holds for any set
# of factors that is chosen beforehand.
FACTORS: Losses = np.concatenate(([0.0], np.geomspace(0.01, 100, 1321)))


def p_value(losses: Losses, alpha: float, delta: float, bound: Bound = DEFAULT) -> float:
    """Return the p-value of "the risk is more than alpha", of one loss in [0, 1] a patient."""
    if bound == "betting":
        return betting_p_value(losses, alpha, delta)
    return hoeffding_bentkus_p_value(float(losses.mean()), len(losses), alpha)


def hoeffding_bentkus_p_value(missed: float, patients: int, alpha: float) -> float:
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


def betting_p_value(losses: Losses, alpha: float, delta: float) -> float:
    """Return the p-value of a bet against "the risk is more than alpha", patient after patient.

    1 / max_t K_t, where K_t is the product of 1 + v_j (alpha - loss_j): no more than a fair game's
    fortune if the risk is more than alpha (Waudby-Smith and Ramdas 2024; Bates et al. 2021, Prop.
    5). Each stake v_j follows from the losses before; it is large where they vary little, as shares
    of many voxels do, so that the bound is nearer to the mean than Hoeffding-Bentkus'.
    """
    count = np.arange(1, len(losses) + 1)
    means = (0.5 + losses.cumsum()) / (1 + count)
    variances = (0.25 + ((losses - means) ** 2).cumsum()) / (1 + count)
    before = np.concatenate(([0.25], variances[:-1]))
    stakes = np.minimum(1.0, np.sqrt(2 * math.log(1 / delta) / (len(losses) * before)))
    fortune = np.log1p(stakes * (alpha - losses) - 1e-15).cumsum()
    return min(1.0, math.exp(-float(fortune.max())))


def divergence(a: float, b: float) -> float:
    """Return a log(a / b) + (1 - a) log((1 - a) / (1 - b)), the divergence of two coins."""
    first = a * math.log(a / b) if a else 0.0
    second = (1 - a) * math.log((1 - a) / (1 - b)) if a < 1 else 0.0
    return first + second


def upper_bound(losses: Losses, delta: float, bound: Bound = DEFAULT) -> float:
    """Return what the risk lies below with confidence 1 - delta: where the p-value is delta."""
    low, high = float(losses.mean()), 1.0 - 1e-12
    if low >= high or p_value(losses, high, delta, bound) > delta:
        return 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if middle > 0 and p_value(losses, middle, delta, bound) <= delta:
            high = middle
        else:
            low = middle
    return high


def least_bound(patients: int, delta: float, bound: Bound = DEFAULT) -> float:
    """Return the lowest that the bound can be: where nothing at all is missed.

    1 - delta^(1/n) for Hoeffding-Bentkus'.
    """
    return upper_bound(np.zeros(patients), delta, bound)


def patients_needed(alpha: float, delta: float, bound: Bound = DEFAULT) -> int:
    """Return how many patients a risk of alpha needs, with nothing missed at all.

    The n with (1 - alpha)^n <= delta for Hoeffding-Bentkus'; betting needs a few more.
    """
    count = math.ceil(math.log(delta) / math.log(1 - alpha) - 1e-9)
    while p_value(np.zeros(count), alpha, delta, bound) > delta * (1 + 1e-9):
        count += 1
    return count


def check_enough(patients: int, alpha: float, delta: float, bound: Bound = DEFAULT) -> None:
    """Raise DataError where so few patients can give no guarantee, whatever they show."""
    needed = patients_needed(alpha, delta, bound)
    if patients < needed:
        least = least_bound(patients, delta, bound)
        msg = (
            f"{patients} patient{'s' * (patients != 1)} cannot show that {alpha:g} or less is "
            f"missed at confidence {1 - delta:g}: even with nothing missed the bound is "
            f"{least:.3f}, so that needs {needed}; calibrate on more, or with a larger --alpha "
            "or --delta"
        )
        raise DataError(msg, code="too-few-patients")


def smallest_factor(missed: Losses, alpha: float, delta: float, bound: Bound = DEFAULT) -> int:
    """Return the place in FACTORS of the smallest that controls the risk.

    `missed` is (patients, factors), each patient's share of voxels missed, which falls with the
    factor. The smallest is the last from above down to which every bound is at most alpha.

    Raises:
        DataError: where there are too few patients, or the largest factor misses too much.
    """
    check_enough(len(missed), alpha, delta, bound)
    found = None
    for place in range(missed.shape[1] - 1, -1, -1):
        if p_value(missed[:, place], alpha, delta, bound) > delta:
            break
        found = place
    if found is None:
        msg = (
            f"intervals {FACTORS[-1]:g} times as wide still miss {missed[:, -1].mean():.3f} of the "
            f"voxels, which does not show a risk of {alpha:g}: the quantiles have learnt too "
            "little; train longer, or calibrate on more patients"
        )
        raise DataError(msg, code="cannot-calibrate")
    return found


def conformal_quantile(scores: Sequence[float], alpha: float) -> float:
    """Return what a new patient's score lies below with chance 1 - alpha at least.

    The ceil((n + 1)(1 - alpha))-th smallest (split conformal prediction; Vovk et al. 2005, Lei et
    al. 2018); infinite where there are fewer than 1 / alpha - 1. A score that is not a number
    counts as infinite.
    """
    known = sorted(math.inf if math.isnan(s) else s for s in scores)
    rank = math.ceil(round((len(known) + 1) * (1 - alpha), 9))
    return known[rank - 1] if rank <= len(known) else math.inf


def conformal_sides(errors: Sequence[float], alpha: float) -> tuple[float, float]:
    """Return how far below and above a figure the truth lies at most, with chance 1 - alpha.

    `errors` are figures minus truths. Each side has half of alpha, so that a figure that is always
    too low has its interval above itself.
    """
    below = conformal_quantile(errors, alpha / 2)
    return below, conformal_quantile([-e for e in errors], alpha / 2)
