"""Threads and determinism: set, recorded, and what torch refuses."""

import pytest
import torch
from torch import nn

from repcat.arithmetic import Arithmetic, default_threads, kept_arithmetic, refused_operations
from repcat.errors import TrainingError


@pytest.fixture(autouse=True)
def _put_back():
    with kept_arithmetic():
        yield


def test_what_is_set_holds_and_is_put_back():
    before = Arithmetic.now()
    with kept_arithmetic():
        Arithmetic(3, deterministic=True).set()
        assert Arithmetic.now() == Arithmetic(3, deterministic=True)
        assert torch.backends.cudnn.deterministic
    assert Arithmetic.now() == before and not torch.backends.cudnn.deterministic


def test_no_number_of_threads_is_that_of_the_process_whatever_was_set_since():
    Arithmetic(default_threads() + 1).set()
    assert Arithmetic.chosen() == Arithmetic(default_threads())


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ({"threads": 3, "deterministic": True}, Arithmetic(3, True)),
        ({"device": "CPU, 5 threads"}, Arithmetic(5)),
        ({"device": "NVIDIA H100"}, None),
        ({}, None),
        ({"threads": 10**9}, None),
        ({"threads": "many", "deterministic": "no"}, None),
    ],
)
def test_threads_are_read_from_provenance_old_or_new(told, known):
    assert Arithmetic.recorded(told) == (known or Arithmetic(default_threads()))


class Layer(nn.Module):
    def forward(self, x):
        # torch has a deterministic put_ for accumulate=True alone, on any device
        return x.clone().put_(torch.tensor([0, 0]), torch.tensor([1.0, 2.0]))


def test_an_operation_that_is_not_deterministic_is_named_with_its_layer():
    Arithmetic(1, deterministic=True).set()
    words = r"no deterministic put_.*layer Layer"
    with pytest.raises(TrainingError, match=words) as caught, refused_operations():
        nn.Sequential(Layer())(torch.zeros(3))
    assert caught.value.code == "not-deterministic" and "\n" not in str(caught.value)


def test_other_errors_keep_their_traceback():
    with pytest.raises(RuntimeError, match="mine"), refused_operations():
        raise RuntimeError("mine")
