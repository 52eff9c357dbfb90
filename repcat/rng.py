"""Random numbers as a function of seed and name, never of history."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def seed_of(*names: object) -> int:
    """Hash names to a seed of 63 bits, the same on every machine."""
    digest = hashlib.blake2b("\x1f".join(map(str, names)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def generator(*names: object) -> torch.Generator:
    """Return a generator that depends on the names alone."""
    import torch

    return torch.Generator().manual_seed(seed_of(*names))


@contextmanager
def seeded(*names: object) -> Iterator[None]:
    """Seed torch's global CPU generator from the names, and put it back afterwards.

    Weights are drawn on the CPU, so that they are the same whatever the device.
    """
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed_of(*names))
        yield
