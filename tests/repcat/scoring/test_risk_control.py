"""Bounds against scipy, against the binomial by hand, and the guarantee itself by simulation."""

import math

import numpy as np
import pytest
from scipy.stats import binom, norm

from repcat.errors import DataError
from repcat.scoring.risk_control import (
    FACTORS,
    betting_p_value,
    check_enough,
    conformal_quantile,
    conformal_sides,
    divergence,
    hoeffding_bentkus_p_value,
    least_bound,
    p_value,
    patients_needed,
    smallest_factor,
    upper_bound,
)

BOUNDS = ("hoeffding-bentkus", "betting")


@pytest.mark.parametrize("patients", [10, 30, 100])
@pytest.mark.parametrize("missed", [0.0, 0.02, 0.05, 0.1, 0.3])
def test_the_p_value_is_the_smaller_of_hoeffdings_and_bentkus(missed, patients):
    alpha, rate = 0.1, min(missed, 0.1)
    entropy = (rate * math.log(rate / alpha) if rate else 0) + (1 - rate) * math.log(
        (1 - rate) / (1 - alpha)
    )
    tail = sum(
        math.comb(patients, k) * alpha**k * (1 - alpha) ** (patients - k)
        for k in range(math.ceil(patients * missed - 1e-9) + 1)
    )
    expected = min(math.exp(-patients * entropy), math.e * tail, 1)
    assert hoeffding_bentkus_p_value(missed, patients, alpha) == pytest.approx(expected, rel=1e-9)


def test_divergence_is_none_of_equal_coins_and_known_of_others():
    assert divergence(0.3, 0.3) == 0
    assert divergence(0, 0.5) == pytest.approx(math.log(2))
    assert divergence(0.5, 0.25) == pytest.approx(0.5 * math.log(4 / 3))


@pytest.mark.parametrize("bound", BOUNDS)
@pytest.mark.parametrize("missed", [0.0, 0.03, 0.2])
def test_at_the_upper_bound_the_p_value_is_delta(missed, bound):
    losses = np.full(60, missed)
    found = upper_bound(losses, 0.1, bound)
    assert found > missed
    above, below = (p_value(losses, found + step, 0.1, bound) for step in (1e-6, -1e-6))
    assert above <= 0.1 < below


def test_the_bound_is_no_lower_than_the_exact_one_of_a_binomial():
    """Clopper-Pearson's is exact for losses of 0 and 1, so nothing valid lies below it."""
    for hits in range(8):
        exact = next(p for p in np.linspace(0, 1, 10001) if binom.cdf(hits, 50, p) <= 0.1)
        losses = np.repeat([1.0, 0.0], [hits, 50 - hits])
        assert upper_bound(losses, 0.1) >= exact - 1e-4


def test_where_nothing_is_missed_the_bound_is_known():
    for patients in (1, 10, 22, 100):
        bound = least_bound(patients, 0.1)
        assert bound == pytest.approx(1 - 0.1 ** (1 / patients), abs=1e-9)


def test_a_bet_by_hand():
    """Two patients, delta .5: each stake is sqrt(2 log 2 / (2 v)) or 1, v the variance so far."""
    losses = np.array([0.1, 0.3])
    spread = (0.25 + (0.1 - 0.3) ** 2) / 2  # the mean after one patient is (.5 + .1) / 2
    stakes = [min(1, math.sqrt(math.log(2) / v)) for v in (0.25, spread)]
    first = 1 + stakes[0] * (0.6 - 0.1)
    second = first * (1 + stakes[1] * (0.6 - 0.3))
    assert betting_p_value(losses, 0.6, 0.5) == pytest.approx(1 / max(first, second))


def test_a_bet_lies_nearer_to_shares_that_vary_little():
    losses = np.full(100, 0.07) + np.random.default_rng(0).normal(0, 0.01, 100)
    hoeffding, betting = (upper_bound(losses, 0.1, bound) for bound in BOUNDS)
    assert betting < 0.1 < hoeffding


def test_how_many_patients_are_needed():
    assert patients_needed(0.1, 0.1) == 22  # .9^22 = .0985
    assert patients_needed(0.5, 0.25) == 2
    for alpha in (0.05, 0.1, 0.2):
        needed = patients_needed(alpha, 0.1, "betting")
        assert least_bound(needed, 0.1, "betting") <= alpha + 1e-9
        assert least_bound(needed - 1, 0.1, "betting") > alpha
    check_enough(22, 0.1, 0.1)
    with pytest.raises(DataError, match=r"21 patients .* bound is 0.104, .* needs 22.*--alpha"):
        check_enough(21, 0.1, 0.1)


def test_the_smallest_factor_is_where_the_bound_meets_alpha():
    falling = np.linspace(1, 0, len(FACTORS))
    place = smallest_factor(np.tile(falling, (100, 1)), 0.1, 0.1)
    here, below = (upper_bound(np.full(100, falling[p]), 0.1) for p in (place, place - 1))
    assert here <= 0.1 < below


def test_the_factor_falls_with_alpha_and_with_delta():
    chance = np.random.default_rng(0)
    shares = np.sort(chance.random((60, len(FACTORS))), axis=1)[:, ::-1] * 0.5
    by_alpha = [smallest_factor(shares, alpha, 0.1) for alpha in (0.1, 0.2, 0.3, 0.4)]
    by_delta = [smallest_factor(shares, 0.2, delta) for delta in (0.01, 0.1, 0.3)]
    assert by_alpha == sorted(by_alpha, reverse=True) and by_alpha[0] > by_alpha[-1]
    assert by_delta == sorted(by_delta, reverse=True) and by_delta[0] > by_delta[-1]


def test_quantiles_that_miss_at_any_width_are_refused():
    with pytest.raises(DataError, match=r"100 times as wide still miss 0.500 .*train longer"):
        smallest_factor(np.full((50, len(FACTORS)), 0.5), 0.1, 0.1)


@pytest.mark.parametrize("bound", BOUNDS)
def test_the_guarantee_holds_over_many_calibration_sets(bound):
    """Each patient has a scale of its own; a factor misses 2 (1 - Phi(factor / scale)) of it."""
    chance, patients, alpha, delta = np.random.default_rng(1), 40, 0.2, 0.1
    factors = FACTORS[::20]
    draw = lambda n: np.exp(chance.normal(0, 0.6, n))[:, None]  # noqa: E731
    truth = (2 * norm.sf(factors[None] / draw(20_000))).mean(axis=0)
    broken = []
    for _ in range(300):
        missed = 2 * norm.sf(factors[None] / draw(patients))
        held = [p_value(m, alpha, delta, bound) <= delta for m in missed.T]
        place = len(held) - next((k for k, h in enumerate(held[::-1]) if not h), len(held))
        broken.append(truth[place] > alpha)
    assert np.mean(broken) <= delta + 3 * math.sqrt(delta * (1 - delta) / 300)


def test_the_quantile_is_the_right_order_statistic():
    scores = [3.0, 1.0, 2.0, 5.0, 4.0, 6.0, 7.0, 8.0, 9.0]
    assert conformal_quantile(scores, 0.1) == 9  # ceil(10 * .9) = 9th of 9
    assert conformal_quantile(scores, 0.5) == 5
    assert conformal_quantile(scores[:8], 0.1) == math.inf
    assert conformal_quantile([1.0] * 8 + [math.nan], 0.1) == math.inf


def test_a_figure_that_is_always_too_low_has_its_interval_above():
    errors = [-10.0 - k / 10 for k in range(19)]  # figure minus truth; alpha .1 needs 19
    assert conformal_sides(errors, 0.1) == (-10, pytest.approx(11.8))
    assert conformal_sides(errors[:18], 0.1) == (math.inf, math.inf)


def test_a_new_patient_lies_within_it_as_often_as_said():
    chance, alpha, patients = np.random.default_rng(2), 0.2, 19
    draws = chance.standard_cauchy((2000, patients + 1))  # no assumption on the tails
    sides = [conformal_sides(d[:-1].tolist(), alpha) for d in draws]
    held = [-above <= d[-1] <= below for d, (below, above) in zip(draws, sides, strict=True)]
    assert np.mean(held) == pytest.approx(0.8, abs=0.03)  # exactly 16/20
