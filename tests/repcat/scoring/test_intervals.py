"""Intervals of means over patients."""

import math

import numpy as np
import pytest

from repcat.scoring.intervals import bootstrap, paired


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
    assert lead.excludes_zero
    assert not paired(theirs, theirs).excludes_zero


def test_one_patient_has_no_spread_and_infinities_stay_infinite() -> None:
    assert bootstrap([2.0]).sd == 0
    assert bootstrap([2.0, math.inf]).mean == math.inf
