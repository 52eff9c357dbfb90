"""A comparison: sides in turn, ratios round by round, what a machine cannot do."""

import pytest

from repcat.bench import against_paper as room
from repcat.bench import memory
from repcat.bench.against_paper import against_paper, check_rival
from repcat.bench.found import Options
from repcat.errors import RepcatError


def side_process(log, seconds):
    """Return what stands for a process: turns of known length; bf16 is refused."""

    class Side:
        def __init__(self, order):
            self.order = order

        def __enter__(self):
            return self

        def __exit__(self, *error):
            log.append(f"end {self.order.side}")

        def ask(self, what):
            log.append(f"{what} {self.order.side}")
            if self.order.side == "bf16":
                return {"refused": "no bf16 here"}
            if what == "count":
                return {"turns": {"model": 5.0, "potential": 10.0}, "memory_gb": 9.0}
            took = next(seconds[self.order.side])
            return {"turns": {"model": took, "potential": 10 * took}, "memory_gb": took}

    return Side


@pytest.fixture
def log(monkeypatch):
    """Return what sides were asked, in order; bf16 is refused."""
    log = []
    seconds = {"paper": iter([2.0, 4.0, 2.0]), "fp32": iter([1.0, 1.0, 4.0])}
    monkeypatch.setattr(room, "SideProcess", side_process(log, seconds))
    monkeypatch.setattr(room, "highest", lambda on: ({"fp32": 6.0, "bf16": 1.0}, {}))
    return log


def test_sides_go_in_turn_and_are_compared_round_by_round(log):
    found = against_paper(Options(cases="swin12", repeats=3))
    turns = ["count paper", "count fp32", "count bf16", *["step paper", "step fp32"] * 3]
    assert log[:9] == turns
    paper, own = found.timings
    assert (paper.ratio, own.name, own.calls) == (1, "swin12: fp32", 3)
    assert (own.ratio_low, own.ratio, own.ratio_high) == (0.5, 2.0, 4.0)
    assert (own.seconds, own.gflop, own.memory_gb) == (20.0, 60.0, 4.0)
    assert own.share == pytest.approx(60 / 20 / 6)
    assert own.parts == {"model": 1.0, "potential": 10.0}
    assert found.refused == {"swin12: bf16": "no bf16 here"}


def test_with_another_batch_each_side_has_the_machine_alone(log):
    against_paper(Options(cases="swin12", repeats=1, batch=8))
    alone = ["count paper", "step paper", "end paper", "count fp32", "step fp32", "end fp32"]
    assert log == [*alone, "count bf16", "end bf16"]


def test_a_precision_that_is_emulated_is_refused_before_its_process_starts(log, monkeypatch):
    monkeypatch.setattr(room, "highest", lambda on: ({"fp32": 6.0}, {"bf16": "emulated"}))
    found = against_paper(Options(cases="swin12", repeats=1))
    assert found.refused == {"swin12: bf16": "emulated"}
    assert not any("bf16" in line for line in log)


def test_only_the_paper_can_be_measured_against():
    with pytest.raises(RepcatError, match="there is paper") as caught:
        check_rival("nobody")
    assert caught.value.code == "no-such-rival"


def test_a_machine_without_proc_is_refused_before_anything_runs(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "STATUS", tmp_path / "none")
    with pytest.raises(RepcatError) as caught:
        against_paper(Options(cases="swin12"))
    assert caught.value.code == "cannot-measure"
