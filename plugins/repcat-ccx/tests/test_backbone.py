"""The stand-in, whole and in training."""

import pytest
import torch

from repcat import Grid, PartError
from repcat.testing import check_backbone, installed
from repcat_ccx.backbone import ccx_standin
from repcat_x2ct.backbone import x2ct

SIDE = 64
VOLUME = Grid(1, (SIDE, SIDE, SIDE))


def weights(module):
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize("views", [1, 2])
def test_it_has_x2cts_weights_and_those_of_the_modulation_alone(views):
    grids = Grid(views, (128, 128)), Grid(1, (128, 128, 128))
    with torch.device("meta"):
        mine, theirs = ccx_standin(*grids), x2ct(*grids)
    condition = (2 * 9 * 32 + 32) + (32 * 9 * 32 + 32)
    modulated = sum(2 * (32 * c + c) for c in (128, 256, 512, 512, 704))
    assert weights(mine) - weights(theirs) == views * (condition + modulated)


def test_all_of_it_gets_gradients_and_volumes_are_not_negative(small):
    torch.manual_seed(0)
    network = ccx_standin(Grid(2, (SIDE, SIDE)), VOLUME, **small)
    prediction = network(torch.rand(1, 2, SIDE, SIDE))
    volumes = [prediction.volume, *prediction.branches.values()]
    assert all(v.shape == (1, 1, SIDE, SIDE, SIDE) and v.min() >= 0 for v in volumes)
    sum(v.mean() for v in volumes).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())


def test_a_grid_it_cannot_take_is_refused_by_its_own_name():
    with pytest.raises(PartError, match="code: wrong-sides"):
        ccx_standin(Grid(3, (SIDE, SIDE)), VOLUME)


def test_its_first_line_says_that_it_is_a_stand_in():
    said = installed("backbones", "ccx_standin").__doc__ or ""
    assert "stand-in for CCX-rayNet" in said.strip().splitlines()[0]


@pytest.mark.long
@pytest.mark.parametrize("views", [1, 2])
def test_it_keeps_to_the_rules(views, small):
    check_backbone(ccx_standin, source=Grid(views, (SIDE, SIDE)), size=SIDE, options=small)
