"""The last function of a backbone."""

from __future__ import annotations

from typing import Literal

from torch import nn

Output = Literal["linear", "sigmoid"]
OUTPUT_DOC = "'linear': as it comes, clipped only when scored; 'sigmoid': squeezed into [0, 1]"


def with_output(network: nn.Module, output: Output) -> nn.Module:
    """Return the network with its output bounded, or itself when `output` is 'linear'."""
    return network if output == "linear" else nn.Sequential(network, nn.Sigmoid())
