"""A soft block in air and a noisy prediction of it, both in HU."""

import pytest
import torch


@pytest.fixture
def hu() -> tuple[torch.Tensor, torch.Tensor]:
    """Return truth and prediction (16, 17, 18); some values lie beyond every window."""
    noise = torch.randn(2, 16, 17, 18, generator=torch.Generator().manual_seed(1))
    truth = torch.full((16, 17, 18), -1000.0)
    truth[3:13, 2:14, 4:15] = 50.0
    truth[6:8, 6:8, 6:8] = 1800.0
    return truth + 20 * noise[0], truth + 150 * noise[1]
