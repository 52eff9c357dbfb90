"""The ceiling: what is timed, and which figure is taken."""

import pytest

from repcat.bench import ceiling as room
from repcat.bench.ceiling import ceiling, highest, most_of
from repcat.bench.found import Options
from repcat.bench.timing import timing_of


def test_the_ceiling_is_the_fastest_call_of_a_precision():
    timings = [
        timing_of("a fp32", [2.0, 1.0, 4.0], [1.0] * 3, 0.0, {"GFLOP": 10}),
        timing_of("b fp32", [2.0], [1.0], 0.0, {"GFLOP": 30}),
        timing_of("c bf16", [1.0], [1.0], 0.0, {"GFLOP": 99}),
        timing_of("copy fp32", [1.0], [1.0], 0.0, {"GB": 1000}),
    ]
    assert most_of("fp32", timings) == 15.0
    assert most_of("bf16", timings) == 99.0


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(room, "MAPS", ((2, 4),))
    monkeypatch.setattr(room, "MATRIX", 8)
    monkeypatch.setattr(room, "COPIED_GB", 1e-6)


def test_each_precision_is_timed(small, monkeypatch):
    monkeypatch.setattr(room, "is_in_hardware", lambda on: True)
    names = [t.name for t in ceiling(Options(repeats=1)).timings]
    assert [n.rpartition(" ")[2] for n in names] == ["fp32", "bf16"] * 3
    most, refused = highest(repeats=1)
    assert most.keys() == {"fp32", "bf16"} and not refused


def test_a_precision_that_is_only_emulated_is_refused_and_not_timed(small, monkeypatch):
    monkeypatch.setattr(room, "is_in_hardware", lambda on: False)
    most, refused = highest(repeats=1)
    assert most.keys() == {"fp32"} and "emulated" in refused["bf16"]
