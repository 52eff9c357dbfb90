from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from repcat_plugins.networks.resampling import Double, Halve


def average(x: Tensor) -> Tensor:
    return F.avg_pool3d(x, 3, stride=2, padding=1)


def trilinear(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="trilinear", align_corners=True)


CASES = [(Halve(), average), (Double(), trilinear)]


@pytest.mark.parametrize(("ours", "theirs"), CASES, ids=["halve", "double"])
@pytest.mark.parametrize("size", [(8, 6, 4), (7, 5, 3)])
def test_values_and_gradients_are_those_of_torch(ours, theirs, size: tuple[int, ...]) -> None:
    x = torch.rand(2, 3, *size, requires_grad=True)
    expected = theirs(x)
    along = torch.rand_like(expected)
    torch.testing.assert_close(ours(x), expected, rtol=1e-6, atol=1e-6)
    found, wanted = (torch.autograd.grad(f(x), x, along)[0] for f in (ours, theirs))
    torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("ours", "theirs"), CASES, ids=["halve", "double"])
def test_autocast_does_not_round_float32(ours, theirs) -> None:
    x = torch.rand(1, 2, 6, 6, 6)
    with torch.autocast("cpu", torch.bfloat16):
        found = ours(x)
    torch.testing.assert_close(found, theirs(x), rtol=1e-6, atol=1e-6)
