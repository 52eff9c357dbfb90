"""Fixtures that every test may use: numbers and scans beside the project, skipped when missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch

SHARED = Path(__file__).parents[1] / ".." / "shared"


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    """Let tests side by side not fight for cores."""
    torch.set_num_threads(1)


@pytest.fixture
def golden() -> Callable[[str], Mapping[str, np.ndarray]]:
    """Return a reader of the parity numbers, or skip."""
    folder = SHARED / "golden"
    if not folder.is_dir():
        pytest.skip("the parity numbers ../shared/golden are not beside this checkout")

    def read(name: str) -> Mapping[str, np.ndarray]:
        with np.load(folder / f"{name}.npz", allow_pickle=False) as arrays:
            return dict(arrays)

    return read


@pytest.fixture
def real() -> Path:
    """Return the folder of real scans, or skip."""
    folder = SHARED / "ct"
    if not folder.is_dir():
        pytest.skip("the real scans ../shared/ct are not beside this checkout")
    return folder.resolve()
