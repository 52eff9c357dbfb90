"""A network that is read but not trained."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def held(network: nn.Module) -> Iterator[None]:
    """Let gradients pass through a network without collecting any in its weights."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)
