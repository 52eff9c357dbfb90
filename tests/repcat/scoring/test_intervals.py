"""Intervals of means over patients."""

import math
import statistics

import numpy as np
import pytest
from scipy import stats

from repcat.scoring.intervals import FEWEST, bootstrap, paired, paired_over_seeds, span_of


def test_the_interval_covers_the_true_mean_about_nineteen_times_in_twenty() -> None:
    draws = np.random.default_rng(0).normal(3.0, 2.0, size=(200, 30))
    covered = sum(i.low <= 3.0 <= i.high for i in map(bootstrap, draws))
    assert 0.88 <= covered / 200 <= 0.99  # the percentile method is a little short at n = 30


def test_the_interval_is_about_two_standard_errors_and_always_the_same() -> None:
    values = np.random.default_rng(1).normal(0, 1, size=100)
    interval = bootstrap(values)
    assert interval == bootstrap(values)
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * interval.sd / 10, rel=0.05)


def test_a_steady_lead_is_seen_through_the_differences_between_patients() -> None:
    theirs = np.random.default_rng(2).normal(20, 5, size=40)
    lead = paired(theirs + np.linspace(0.5, 1.5, 40), theirs)
    assert lead.mean == pytest.approx(1.0)
    assert lead.low > 0 and not lead.verdict
    assert "holds 0" in paired(theirs, theirs).verdict


def test_fewer_patients_than_the_sign_test_needs_have_a_range_and_decide_nothing() -> None:
    """Two-sided, n differences of one sign have p = 2^(1 - n): below .05 from n = 6 on."""
    assert 2.0 ** (1 - FEWEST) < 0.05 < 2.0 ** (1 - (FEWEST - 1))
    lead = paired([20.0, 21.0, 22.0, 23.0, 24.0], [15.0] * 5)
    assert (lead.low, lead.high, lead.is_range) == (5.0, 9.0, True)
    assert lead.verdict.startswith(": the range of 5 patients") and "not shown" in lead.verdict
    six = paired([20.0, 21.0, 22.0, 23.0, 24.0, 25.0], [15.0] * 6)
    assert 5.0 < six.low < six.high < 10.0 and not six.is_range and not six.verdict


@pytest.mark.parametrize(("n", "covered"), [(2, 0.5), (3, 0.75), (5, 0.9375)])
def test_the_range_of_few_patients_holds_the_truth_too_rarely(n: int, covered: float) -> None:
    draws = np.random.default_rng(4).normal(3.0, 2.0, size=(4000, n))
    found = sum(i.low <= 3.0 <= i.high for i in map(bootstrap, draws)) / 4000
    assert found == pytest.approx(covered, abs=0.025)  # 3 standard errors at most


def test_what_stands_beside_a_mean_is_called_what_it_is() -> None:
    assert span_of(1) == "no interval (one patient)"
    assert "range of 2 patients" in span_of(2) and "range of 3" in span_of(3)
    assert "95 %" not in span_of(5)
    assert span_of(6) == "the 95 % bootstrap interval of the mean"


def test_one_patient_has_neither_spread_nor_interval() -> None:
    one = paired([2.0], [1.5])
    assert math.isnan(one.sd) and math.isnan(one.low)
    assert one.lead(2) == "+0.50" and one.verdict == ": no interval"


@pytest.mark.parametrize("odd", [math.inf, -math.inf, math.nan])
def test_values_that_are_not_finite_have_no_interval(odd: float) -> None:
    found = bootstrap([2.0, odd, 3.0])
    assert found.mean == math.inf if odd == math.inf else math.isnan(found.mean)
    assert all(map(math.isnan, (found.sd, found.low, found.high)))
    assert found.n == 3 and not found.is_range


def test_the_interval_is_scipys_percentile_bootstrap() -> None:
    values = np.random.default_rng(5).exponential(size=12)
    found = bootstrap(values)
    theirs = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=10_000, rng=np.random.default_rng(6)
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=0.02)
    assert (found.mean, found.n) == (values.mean(), 12)
    assert found.sd == pytest.approx(statistics.stdev(values))


def test_a_lead_is_written_with_its_sign_and_interval() -> None:
    few = bootstrap([1.0, -2.0])
    assert few.lead(1) == "-0.5 [-2.0, +1.0]"
    assert few.sd == pytest.approx(math.sqrt(4.5)) and few.n == 2


def test_sides_of_other_lengths_are_no_pairs() -> None:
    with pytest.raises(ValueError, match="zip"):
        paired([1.0, 2.0], [1.0])


def test_over_seeds_alone_the_interval_is_welchs() -> None:
    patients, ours, theirs = np.array([1.0, 4.0, 2.0]), [5.0, 7.0, 5.5], [1.0, 1.2, 3.0, 0.5]
    found = paired_over_seeds(*([patients + s for s in side] for side in (ours, theirs)))
    welch = stats.ttest_ind(ours, theirs, equal_var=False)
    wanted = welch.confidence_interval()
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))
    assert found.mean == pytest.approx(np.mean(ours) - np.mean(theirs))
    assert found.sd == pytest.approx(0, abs=1e-12) and found.n == 3


@pytest.mark.parametrize("n", [2, 4])
def test_with_seeds_that_agree_the_interval_is_students_over_patients(n: int) -> None:
    ours, theirs = [0.3, 0.7, 0.1, 0.55][:n], [0.0, 0.1, 0.2, 0.05][:n]
    found = paired_over_seeds([ours] * 2, [theirs])
    wanted = stats.ttest_rel(ours, theirs).confidence_interval()
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))
    assert found.sd == pytest.approx(np.std(np.subtract(ours, theirs), ddof=1))
    assert (found.n, found.is_range) == (n, False)


def test_seeds_of_one_patient_or_of_a_figure_that_is_infinite_make_no_interval() -> None:
    one = paired_over_seeds([[1.0], [2.0]], [[0.5]])
    assert (one.mean, one.n) == (1.0, 1) and math.isnan(one.low)
    endless = paired_over_seeds([[1.0, math.inf], [2.0, math.inf]], [[0.5, 1.0]])
    assert endless.mean == math.inf and math.isnan(endless.low)
    same = paired_over_seeds([[1.0, 1.0]] * 2, [[0.5, 0.5]])
    assert (same.low, same.mean, same.high) == (0.5, 0.5, 0.5)


def test_an_interval_over_seeds_covers_the_difference_of_two_methods() -> None:
    """Patients differ by 2, a method's seeds by .5: over patients alone half would miss."""
    random, covered, naive = np.random.default_rng(3), 0, 0
    for _ in range(300):
        patients = random.normal(20, 2, 40)
        a, b = (
            patients + gain + random.normal(0, 0.5, (3, 1)) + random.normal(0, 0.3, (3, 40))
            for gain in (0.7, 0.0)
        )
        wide, narrow = paired_over_seeds(a, b), paired(a.mean(0), b.mean(0))
        covered += wide.low <= 0.7 <= wide.high
        naive += narrow.low <= 0.7 <= narrow.high
    assert 0.92 <= covered / 300 <= 0.99
    assert naive / 300 < 0.4


def test_without_several_seeds_the_interval_is_over_patients() -> None:
    ours, theirs = [[3.0, 5.0, 4.0]], [[1.0, 1.0, 3.0]]
    assert paired_over_seeds(ours, theirs) == paired(ours[0], theirs[0])


def test_seeds_of_one_side_alone_are_enough() -> None:
    theirs = [[1.0, 2.0, 3.0, 4.0]]
    ours = [[2.0, 3.0, 4.0, 5.0], [4.0, 5.0, 6.0, 7.0]]
    found = paired_over_seeds(ours, theirs)
    # seed means 3.5 and 5.5: variance 2, over two seeds 1; one degree of freedom: t = 12.706
    assert (found.low, found.high) == pytest.approx((2 - 12.706, 2 + 12.706), abs=1e-3)
