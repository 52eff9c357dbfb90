"""For the tests of every distribution here."""

from __future__ import annotations

import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    """Let tests side by side not fight for cores."""
    torch.set_num_threads(1)
