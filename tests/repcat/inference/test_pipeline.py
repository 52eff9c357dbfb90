"""Reading and writing happen beside computing, in order, and end with it."""

import threading

import pytest
import torch

from repcat.inference.pipeline import overlap


@pytest.fixture(autouse=True)
def _no_thread_is_left():
    before = threading.active_count()
    yield
    assert threading.active_count() == before


def same(value):
    return value


def failing_at(number, error):
    def step(value):
        if value == number:
            raise error
        return value

    return step


def test_items_come_in_order_when_they_are_written():
    written = []
    for item in overlap(range(9), same, lambda n: n * n, written.append):
        assert written[: item + 1] == [n * n for n in range(item + 1)]
    assert len(written) == 9


def test_the_next_is_read_and_the_last_is_written_while_one_is_computed():
    read, wrote = [threading.Event() for _ in range(5)], threading.Event()

    def compute(number):
        if number == 2:
            assert read[4].wait(30)  # two ahead
            assert wrote.wait(30)  # item 1, begun when it was computed
        return number

    def write(number):
        if number == 1:
            wrote.set()

    assert list(overlap(range(5), lambda n: read[n].set() or n, compute, write)) == [*range(5)]


def test_no_more_than_two_are_read_ahead():
    begun = []

    def compute(number):
        assert len(begun) <= number + 3
        return number

    assert list(overlap(range(20), lambda n: begun.append(n) or n, compute, same)) == [*range(20)]


@pytest.mark.parametrize("error", [OSError("full"), KeyboardInterrupt()])
@pytest.mark.parametrize("stage", ["read", "compute", "write"])
def test_an_error_is_raised_and_what_came_before_it_is_written(stage, error):
    written = []
    steps = {"read": same, "compute": same, "write": same}
    steps[stage] = failing_at(3, error)
    last = steps.pop("write")
    with pytest.raises(type(error)):
        list(overlap(range(9), **steps, write=lambda n: written.append(last(n))))
    assert written == [0, 1, 2]


def test_who_stops_listening_stops_the_work():
    written = []
    running = overlap(range(1000), same, same, written.append)
    next(running)
    running.close()
    assert len(written) <= 3


def test_the_threads_compute_with_as_many_threads_as_their_starter():
    before, seen = torch.get_num_threads(), []
    torch.set_num_threads(3)
    try:
        stage = lambda n: seen.append(torch.get_num_threads()) or n  # noqa: E731
        list(overlap([0], stage, stage, stage))
    finally:
        torch.set_num_threads(before)
    assert seen == [3, 3, 3]
