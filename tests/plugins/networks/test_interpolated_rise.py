from __future__ import annotations

import pytest
import torch
from torch import nn

from repcat_plugins.networks.interpolated_rise import InterpolatedRise, interpolate_up


def test_a_flat_volume_stays_flat_where_a_transposed_convolution_makes_a_lattice() -> None:
    flat = torch.ones(1, 4, 8, 8, 8)
    inner = slice(4, 12)  # away from the zeros beyond the edge

    def spread(layer: nn.Module) -> float:
        return layer(flat)[..., inner, inner, inner].std().item()

    transposed = nn.ConvTranspose3d(4, 1, 3, stride=2, padding=1, output_padding=1)
    assert spread(InterpolatedRise(4, 1, 2, "linear")) < 1e-6
    assert spread(InterpolatedRise(4, 1, 2, "nearest")) < 1e-6
    assert spread(transposed) > 1e-3


def test_only_layers_that_enlarge_are_exchanged() -> None:
    keep = nn.ConvTranspose3d(2, 2, 3, stride=1, padding=1)
    network = nn.Sequential(nn.Sequential(nn.ConvTranspose3d(2, 3, 3, stride=3)), keep)
    interpolate_up(network, "nearest")
    assert network[1] is keep
    assert network[0](torch.rand(1, 2, 4, 4, 4)).shape == (1, 3, 12, 12, 12)


@pytest.mark.parametrize("mode", ["linear", "nearest"])
def test_the_gradient_reaches_every_weight(mode) -> None:
    layer = InterpolatedRise(2, 3, 2, mode)
    layer(torch.rand(1, 2, 4, 4, 4)).square().mean().backward()
    assert all(p.grad.any() for p in layer.parameters())
