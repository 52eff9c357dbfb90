"""Small networks."""

from __future__ import annotations

import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    """Let tests side by side not fight for cores."""
    torch.set_num_threads(1)


@pytest.fixture
def small():
    """Options of a generator with every layer of the whole one but few of each."""
    return {"width": 4, "growth": 2, "layers": (1, 2, 1, 1, 1), "decoder_width": 1, "condition": 2}
