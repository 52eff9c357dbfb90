"""What each suite of `repcat bench` measures."""

import pytest

from repcat.bench.suites import SUITES, Options, suite
from repcat.errors import RepcatError
from repcat.registry.plugins import load_parts

SMALL = ("backbone.channels = [4, 8]", "data.size = 16", "data.train = 2", "train.batch_size = 2")


def names(found):
    return [timing.name for timing in found.timings]


def test_score_times_every_protocol():
    timed = names(suite("score", Options(repeats=1, size=16)))
    assert sorted(timed) == load_parts().protocols.names()


def test_project_times_every_projector_against_the_default():
    projectors = load_parts().projectors.names()
    timed = names(suite("project", Options(repeats=1, size=16)))
    assert timed[0] == "nanodrr" and sorted(timed) == projectors


def test_load_times_a_patient_made_and_kept():
    assert names(suite("load", Options(repeats=1, size=16))) == ["phantom", "in memory"]


def test_train_counts_turns_and_samples_and_keeps_the_losses():
    objective = 'objective = {use = "l2", inner_steps = 3}'
    settings = (*SMALL, objective, 'train.precision = "fp32"')
    found = suite("train", Options(repeats=2, settings=settings))
    (timing,) = found.timings
    rates = timing.per_second
    assert rates["turns"] == pytest.approx(3 * rates["steps"])
    assert rates["samples"] == pytest.approx(2 * rates["turns"])
    assert {name: len(steps) for name, steps in found.losses.items()} == {"fp32": 4}


def test_an_unknown_suite_gets_the_nearest():
    with pytest.raises(RepcatError, match=f"did you mean '{next(iter(SUITES))}'"):
        suite("trian", Options())
