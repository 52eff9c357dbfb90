"""Adaptive feature fusion."""

import math

import pytest
import torch

from repcat_ccx.fusion import AdaptiveFusion

FUSE = AdaptiveFusion()


def voxel(*channels):
    return torch.tensor(channels).view(1, -1, 1, 1, 1)


def test_the_order_of_the_views_does_not_matter():
    one, other = torch.rand(1, 3, 2, 2, 2), torch.rand(1, 3, 2, 2, 2)
    torch.testing.assert_close(FUSE(one, other), FUSE(other, one))


def test_views_that_agree_are_averaged():
    one = torch.rand(1, 3, 2, 2, 2)
    torch.testing.assert_close(FUSE(one, one), one)
    torch.testing.assert_close(FUSE(one, 3 * one), 2 * one)


def test_the_view_nearer_to_the_mean_weighs_more_as_its_cosine_says():
    # the mean of (3, 0) and (0, 4) is (1.5, 2): cosines 3/5 and 4/5
    first, second = FUSE(voxel(3.0, 0.0), voxel(0.0, 4.0)).flatten().tolist()
    share = 1 / (1 + math.exp(-0.2))
    assert (first, second) == pytest.approx((3 * (1 - share), 4 * share))


def test_views_without_features_have_finite_gradients():
    one, other = (torch.zeros(1, 2, 1, 1, 1, requires_grad=True) for _ in range(2))
    FUSE(one, other).sum().backward()
    assert one.grad.isfinite().all() and other.grad.isfinite().all()
