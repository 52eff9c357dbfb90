from __future__ import annotations

import pytest
import torch

from repcat import Grid
from repcat_plugins.networks.encoder import ImageEncoder


@pytest.mark.parametrize("size", [(64, 64), (33, 48), (4, 4), (3, 9)])
@pytest.mark.parametrize("norm", ["batch", "instance"])
def test_images_of_any_size_become_points(size: tuple[int, int], norm: str) -> None:
    encoder = ImageEncoder(Grid(2, size), 5, width=2, widest=4, norm=norm)
    assert encoder(torch.rand(3, 2, *size)).shape == (3, 5)
