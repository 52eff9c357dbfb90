from __future__ import annotations

from torch import nn

from repcat_plugins.networks.init import kaiming


def test_convolutions_keep_the_variance_of_a_rectified_signal() -> None:
    convolution = nn.Conv3d(16, 32, 3)
    kaiming(convolution)
    expected = (2 / (16 * 27)) ** 0.5
    assert abs(convolution.weight.std().item() / expected - 1) < 0.05
