"""Exponential moving average (EMA) of a model's weights."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class Average:
    """average <- decay * average + (1 - decay) * weight, for parameters only.

    Buffers are the model's own at the time of use: an average of running statistics is none.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights = {n: p.detach().clone() for n, p in module.named_parameters()}

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        """Move towards the module's weights."""
        for name, weight in module.named_parameters():
            self.weights[name].lerp_(weight.detach(), 1 - self.decay)

    def load(self, state: dict[str, Tensor]) -> None:
        """Take averaged weights back."""
        for name, weight in self.weights.items():
            weight.copy_(state[name])


def use_average(network: nn.Module, average: Mapping[str, Tensor]) -> None:
    """Put averaged weights into a network, leaving its buffers."""
    network.load_state_dict({**network.state_dict(), **average})
