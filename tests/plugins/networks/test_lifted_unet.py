from __future__ import annotations

import torch

from repcat_plugins.networks.lifted_unet import LiftedUNet


def test_what_joins_a_scale_changes_what_leaves() -> None:
    network, raw = LiftedUNet(2, (3, 8, 8), 16, "group"), torch.rand(1, 2, 16, 16, 16)
    alone = network(raw, [None, None])
    assert alone.shape == (1, 3, 16, 16, 16)
    for n, side in enumerate((8, 4)):
        joins: list = [None, None]
        joins[n] = torch.rand(1, 8, side, side, side)
        assert not network(raw, joins).equal(alone)


def test_a_change_in_one_corner_is_seen_in_the_opposite_one() -> None:
    network, raw = LiftedUNet(1, (2, 8, 8, 8), 16, "group"), torch.rand(1, 1, 16, 16, 16)
    other = raw.clone()
    other[..., 0, 0, 0] += 1
    none = [None] * 3
    assert network(other, none)[..., -1, -1, -1].sub(network(raw, none)[..., -1, -1, -1]).any()


def test_the_grey_scale_of_what_leaves_is_not_normalised_away() -> None:
    """Features of the finest joining scale twice as large leave larger."""
    network, raw = LiftedUNet(1, (2, 8, 8), 16, "group"), torch.zeros(1, 1, 16, 16, 16)
    joins = torch.rand(1, 8, 8, 8, 8)
    once, tenfold = (network(raw, [a * joins, None]).std() for a in (1, 10))
    assert tenfold > 3 * once
