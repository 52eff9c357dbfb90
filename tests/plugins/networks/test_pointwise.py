from __future__ import annotations

import torch
from torch import nn

from repcat_plugins.networks.pointwise import Pointwise


def test_it_is_the_convolution_of_one_voxel_with_its_weights_and_gradients() -> None:
    ours, plain = Pointwise(3, 5).double(), nn.Conv3d(3, 5, 1, bias=False).double()
    plain.load_state_dict(ours.state_dict())
    x = torch.rand(2, 3, 4, 6, 5, dtype=torch.float64, requires_grad=True)
    along = torch.rand(2, 5, 4, 6, 5, dtype=torch.float64)
    found = [torch.autograd.grad(m(x), (x, m.weight), along) for m in (ours, plain)]
    torch.testing.assert_close(ours(x), plain(x), rtol=1e-12, atol=0)
    torch.testing.assert_close(*found, rtol=1e-12, atol=0)
