from __future__ import annotations

import torch

from repcat_plugins.networks.attention import Attention


def test_a_voxel_depends_on_every_other() -> None:
    attention, x = Attention(4), torch.randn(1, 4, 2, 3, 2)
    changed = x.clone()
    changed[0, :, 0, 0, 0] += 1
    assert ((attention(changed) - changed) - (attention(x) - x)).abs().amin() > 0


def test_without_a_reading_it_is_the_identity() -> None:
    attention, x = Attention(4), torch.randn(2, 4, 2, 2, 2)
    torch.nn.init.zeros_(attention.proj_out.weight)
    torch.nn.init.zeros_(attention.proj_out.bias)
    assert attention(x).equal(x)
