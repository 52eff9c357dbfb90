from __future__ import annotations

import pytest
import torch
from torch import nn

from repcat_plugins.networks.frozen import held


def test_gradients_pass_through_and_none_stays() -> None:
    network, x = nn.Linear(2, 1), torch.rand(3, 2, requires_grad=True)
    with held(network):
        score = network(x).sum()
    score.backward()
    assert x.grad is not None
    assert network.weight.grad is None


def test_it_is_let_go_even_after_an_error() -> None:
    network = nn.Linear(2, 1)
    with pytest.raises(ValueError, match="x"), held(network):
        raise ValueError("x")
    assert all(p.requires_grad for p in network.parameters())
