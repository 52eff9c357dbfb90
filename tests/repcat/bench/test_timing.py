"""How variants are timed: in turn, warmed up, with figures that go together."""

import pytest

from repcat.bench.timing import measure, report, timing_of


def test_variants_run_in_turn_after_each_has_warmed_up():
    ran = []
    variants = {name: lambda name=name: ran.append(name) for name in ("a", "b")}
    timings = measure(variants, {"views": 8}, repeats=3)
    assert "".join(ran) == "ab" + "ab" * 3
    assert [(t.name, t.calls) for t in timings] == [("a", 3), ("b", 3)]


@pytest.mark.parametrize("repeats", [1, 2, 5])
def test_ratio_rate_and_spread_are_of_the_median(repeats):
    first, other = measure(
        {"one": lambda: sum(range(9000)), "two": lambda: sum(range(99000))}, {"views": 8}, repeats
    )
    assert first.ratio == 1
    assert other.ratio_low <= other.ratio <= other.ratio_high
    for timing in (first, other):
        assert timing.per_second["views"] == pytest.approx(8 / timing.seconds)
        assert timing.low <= timing.seconds <= timing.high
        assert timing.memory_gb > 0


def test_a_report_names_what_it_measured_on_what():
    found = report("nothing", measure({"a": list}, {"calls": 1}, 1), "cpu")
    assert (found["what"], found["timings"][0]["name"]) == ("nothing", "a")
    assert found["device"].startswith("CPU") and found["versions"]["torch"]


def test_a_ratio_says_how_many_times_as_fast_by_the_rounds_own_ratios():
    found = timing_of("other", [1.0, 2.0, 8.0], [2.0, 2.0, 4.0], 0.5, {"views": 8})
    assert (found.ratio_low, found.ratio, found.ratio_high) == (0.5, 1.0, 2.0)
    assert (found.low, found.seconds, found.high) == (1.0, 2.0, 8.0)
    assert found.per_second == {"views": 4.0}
