"""First weights, of generator and critic alike."""

from __future__ import annotations

from torch import nn


def draw(network: nn.Module) -> None:
    """Draw the weights of convolutions and linear layers from N(0, 0.02^2); biases are 0."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Conv3d | nn.ConvTranspose3d | nn.Linear):
            nn.init.normal_(module.weight, std=0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
