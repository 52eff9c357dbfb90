from __future__ import annotations

import pytest
import torch
from torch import nn

from repcat import Grid
from repcat_plugins.networks.bias_volume import PACE, BiasVolume, on_bias

TARGET = Grid(1, (8, 8, 8))


def test_a_network_on_it_starts_as_the_volume() -> None:
    network = on_bias(nn.Conv3d(2, 1, 3, padding=1), TARGET, 4)
    with torch.no_grad():
        network[-1].tenth.fill_(0.3 / PACE)
    assert network(torch.rand(2, 2, 8, 8, 8)).sub(0.3).abs().max() < 1e-6


def test_the_first_steps_of_adam_learn_the_mean_of_the_patients() -> None:
    """With a learning rate of .003 it is at .5 after twenty steps: .03 a step, and no more."""
    bias, truth = BiasVolume(TARGET, 8), torch.full((2, 1, 8, 8, 8), 0.5)
    optimiser = torch.optim.Adam(bias.parameters(), lr=3e-3)
    for _ in range(20):
        optimiser.zero_grad()
        (bias(torch.zeros_like(truth)) - truth).square().mean().backward()
        optimiser.step()
    assert bias(torch.zeros_like(truth)).sub(truth).abs().max() < 0.1


def test_a_gate_lets_the_gradient_into_the_network_from_the_second_step_on() -> None:
    network = on_bias(nn.Conv3d(1, 1, 1), TARGET, 2)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.01)
    slopes = []
    for _ in range(2):
        optimiser.zero_grad()
        (network(torch.ones(1, 1, 8, 8, 8)) - 1).square().mean().backward()
        slopes.append(network[0].weight.grad.abs().sum().item())
        optimiser.step()
    assert slopes[0] == 0 < slopes[1]


@pytest.mark.parametrize("size", [1, 3, 8, 64])
def test_it_is_enlarged_linearly_to_any_cube_or_kept_to_its_size(size: int) -> None:
    bias = BiasVolume(TARGET, size)
    assert bias.tenth.shape[2:] == (min(size, 8),) * 3
    with torch.no_grad():
        bias.tenth.copy_(torch.rand(bias.tenth.shape))
    found = bias(torch.zeros(1, 1, 8, 8, 8))
    wanted = nn.functional.interpolate(bias.tenth, size=(8, 8, 8), mode="trilinear")
    assert found.sub(PACE * wanted).abs().max() < 1e-5


def test_without_size_the_network_is_itself() -> None:
    network = nn.Conv3d(1, 1, 1)
    assert on_bias(network, TARGET, 0) is network
