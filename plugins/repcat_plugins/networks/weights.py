"""First weights of the networks that objectives own."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def drawn_from(seed: int, name: str) -> Iterator[None]:
    """Make what is built inside a function of seed and name; the outer random state is kept."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(zlib.crc32(f"{seed}/{name}".encode()))
        yield


def kaiming(network: nn.Module) -> None:
    """Draw convolution weights from N(0, 2 / fan_in), as the released d and f; the rest stays."""
    for module in network.modules():
        if isinstance(module, nn.Conv3d):
            nn.init.kaiming_normal_(module.weight)
