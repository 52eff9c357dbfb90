from __future__ import annotations

import torch

from repcat_plugins.networks.patches import folded, unfolded


def test_nothing_is_lost_and_eight_neighbours_become_one_voxel() -> None:
    x = torch.arange(2 * 3 * 4 * 6 * 8.0).reshape(2, 3, 4, 6, 8)
    small = folded(x)
    assert small.shape == (2, 24, 2, 3, 4)
    assert small[1, 8:16, 1, 2, 3].equal(x[1, 1, 2:, 4:, 6:].flatten())
    assert unfolded(small).equal(x)
