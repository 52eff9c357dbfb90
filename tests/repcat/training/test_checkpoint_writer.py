"""Checkpoints written beside training: what they hold, in what order, and what goes wrong."""

from threading import Event

import pytest
import torch

from repcat.errors import DataError
from repcat.runs.checkpoint import State
from repcat.runs.run import Run
from repcat.training.checkpoint_writer import BETWEEN, CheckpointWriter


def state_of(tensor, step, **values):
    return State({"model": {"w": tensor}}, {"step": step, **values})


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path)


def test_a_checkpoint_holds_the_weights_of_its_step_though_training_went_on(run, monkeypatch):
    weights, moved, save = torch.zeros(3), Event(), run.save

    def late(step, state):
        assert moved.wait(10)
        save(step, state)

    monkeypatch.setattr(run, "save", late)
    with CheckpointWriter(run, keep=0) as writer:
        writer.write(1, state_of(weights, 1))
        assert run.steps() == []
        weights += 1
        moved.set()
    assert run.load(1).tensors["model"]["w"].tolist() == [0, 0, 0]


def test_the_next_waits_for_the_one_before_and_as_many_are_kept_as_asked(run):
    with CheckpointWriter(run, keep=2) as writer:
        for step in range(1, 5):
            writer.write(step, state_of(torch.full((2,), float(step)), step))
            assert set(run.steps()) >= set(range(max(1, step - 2), step))
        writer.wait()
        assert run.steps() == [3, 4]


def test_one_that_a_signal_made_is_replaced_by_the_next(run):
    with CheckpointWriter(run, keep=0) as writer:
        writer.write(2, state_of(torch.ones(1), 2))
        writer.write(3, state_of(torch.ones(1), 3, **{BETWEEN: True}))
        writer.write(4, state_of(torch.ones(1), 4))
    assert run.steps() == [2, 4]


def test_what_goes_wrong_is_raised_by_the_next_call_and_leaves_nothing_half_written(
    run, monkeypatch
):
    def full(step, state):
        msg = "no space left on device"
        raise DataError(msg, code="disk-full")

    with CheckpointWriter(run, keep=0) as writer:
        writer.write(1, state_of(torch.ones(1), 1))
        writer.wait()
        monkeypatch.setattr(run, "save", full)
        writer.write(2, state_of(torch.ones(1), 2))
        with pytest.raises(DataError, match="no space"):
            writer.write(3, state_of(torch.ones(1), 3))
        writer.check()
    assert run.steps() == [1]
