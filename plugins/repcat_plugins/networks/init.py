"""First weights of the networks that objectives own."""

from __future__ import annotations

from torch import nn


def kaiming(network: nn.Module) -> None:
    """Draw convolution weights from N(0, 2 / fan_in), as the released d and f; the rest stays."""
    for module in network.modules():
        if isinstance(module, nn.Conv3d):
            nn.init.kaiming_normal_(module.weight)
