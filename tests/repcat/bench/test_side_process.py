"""A side in a process of its own: its environment, its answers, its end."""

import pytest

from repcat.bench.cases import BF16, FP32, PAPER, SYSTEM_FP32
from repcat.bench.side_process import COUNT, STEP, Order, SideProcess, environment
from repcat.errors import RepcatError


@pytest.mark.parametrize("side", [PAPER, SYSTEM_FP32])
def test_the_papers_side_runs_with_the_systems_allocator(side, monkeypatch):
    for name in ("MALLOC_TOP_PAD_", "GLIBC_TUNABLES", "LD_PRELOAD", "OMP_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    found = environment(side)
    assert found["REPCAT_ALLOCATOR"] == "system" and found["OMP_NUM_THREADS"] == "1"
    assert not found.keys() & {"MALLOC_TOP_PAD_", "GLIBC_TUNABLES", "LD_PRELOAD"}


@pytest.mark.parametrize("side", [FP32, BF16])
def test_repcats_side_runs_as_repcat_was_started(side, monkeypatch):
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")
    monkeypatch.delenv("REPCAT_ALLOCATOR", raising=False)
    found = environment(side)
    assert found["GLIBC_TUNABLES"] == "glibc.malloc.hugetlb=1" and "REPCAT_ALLOCATOR" not in found


def test_a_side_counts_and_times_its_turns_and_says_when_it_has_ended():
    with SideProcess(Order("quickstart", FP32, 2, "cpu")) as side:
        counted, timed = side.ask(COUNT), side.ask(STEP)
        assert counted["turns"]["model"] == pytest.approx(8.9901, rel=1e-3)  # by torch's counter
        assert timed["turns"]["model"] > 0 and timed["memory_gb"] > 0.2
        side.process.kill()
        with pytest.raises(RepcatError, match="has ended") as caught:
            side.ask(STEP)
    assert caught.value.code == "side-ended"


def test_a_side_ends_at_once_when_its_starter_is_gone():
    with SideProcess(Order("quickstart", FP32, 2, "cpu")) as side:
        assert side.process.stdin is not None
        side.process.stdin.write(f"{COUNT}\n")
        side.process.stdin.close()  # as the system does, however a process ends
        side.process.stdin = None
        assert side.process.wait(timeout=60) == 0
        assert side.process.stdout.read() == ""  # it did not finish what it was asked for


def test_a_side_whose_case_is_unknown_has_ended_too():
    with (
        SideProcess(Order("no such case", FP32, 1, "cpu")) as side,
        pytest.raises(RepcatError, match="exit code 1"),
    ):
        side.ask(COUNT)
