from __future__ import annotations

import torch
from torch import nn

from repcat_plugins.networks.weights import drawn_from, kaiming


def drawn(seed: int, name: str) -> torch.Tensor:
    with drawn_from(seed, name):
        return torch.rand(4)


def test_chance_is_a_function_of_seed_and_name_and_leaves_the_outer_one_alone() -> None:
    torch.manual_seed(0)
    first = drawn(7, "potential")
    outer = torch.rand(4)
    torch.manual_seed(0)
    assert torch.rand(4).equal(outer)
    assert drawn(7, "potential").equal(first)
    assert not drawn(8, "potential").equal(first)
    assert not drawn(7, "features").equal(first)


def test_convolutions_keep_the_variance_of_a_rectified_signal() -> None:
    convolution = nn.Conv3d(16, 32, 3)
    kaiming(convolution)
    expected = (2 / (16 * 27)) ** 0.5
    assert abs(convolution.weight.std().item() / expected - 1) < 0.05
