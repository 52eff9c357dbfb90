"""What a turn is charged, and which operations are counted."""

import pytest
import torch
from torch.nn import functional as F

from repcat.bench.meter import Meter, gflop


def test_what_lies_between_two_ends_is_the_later_turns_and_the_rest_the_last_ones():
    clock = iter([10.0, 13.0, 14.0, 19.0, 20.0])
    meter = Meter(lambda: next(clock))
    meter.begin()
    for player in ("model", "model", "potential"):
        meter.turn_ends(player)
    meter.end()
    assert meter.of_a_turn() == {"model": (3 + 1) / 2, "potential": 5 + 1}


def test_a_convolution_is_two_operations_a_multiply_add_forward_and_twice_that_back():
    x = torch.rand(1, 2, 4, 4, 4, requires_grad=True)
    weight = torch.rand(3, 2, 3, 3, 3, requires_grad=True)
    with gflop() as meter:
        F.conv3d(x, weight, padding=1).sum().backward()
        assert meter.read() == pytest.approx(3 * 2 * 27 * 2 * 3 * 4**3 / 1e9)


def test_fused_attention_on_a_cpu_is_its_two_products():
    q = torch.rand(1, 1, 16, 8)
    with torch.no_grad(), gflop() as meter:
        F.scaled_dot_product_attention(q, q, q)
        assert meter.read() == pytest.approx(2 * 2 * 16 * 16 * 8 / 1e9)
