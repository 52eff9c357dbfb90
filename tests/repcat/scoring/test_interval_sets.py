import numpy as np
import pytest
import torch

from repcat.scoring.interval_sets import Quantiles
from repcat.scoring.risk_control import FACTORS
from repcat.types import Window

WINDOW = Window(-1000, 1000)
INSIDE = torch.ones(4, dtype=torch.bool)


def four(*values):
    return torch.tensor(values, dtype=torch.float32)


@pytest.fixture
def sets():
    return Quantiles(four(0, 0, 0, 0), four(-10, -10, -10, 5), four(20, 20, 20, -5))


def test_a_set_is_scaled_about_its_volume(sets):
    low, high = sets.at(2, WINDOW)
    assert low.tolist() == [-20, -20, -20, -2]  # crossed quantiles: 1 HU a side, times the factor
    assert high.tolist() == [40, 40, 40, 2]
    assert [side.tolist() for side in sets.at(0, WINDOW)] == [[0] * 4] * 2


def test_a_set_stays_in_the_window(sets):
    low, high = sets.at(1e4, WINDOW)
    assert low.tolist() == [-1000] * 4 and high.tolist() == [1000] * 4


def test_the_factor_that_a_voxel_needs(sets):
    truth = four(-5, 10, 0, 3000)
    assert sets.needed(truth, WINDOW).tolist() == [0.5, 0.5, 0, 1000]  # cut to 1000 HU, 1 HU wide


def test_from_its_factor_on_a_voxel_is_inside(sets):
    chance = torch.Generator().manual_seed(0)
    truth = 60 * torch.randn(4, generator=chance)
    for factor, needed in zip(sets.needed(truth, WINDOW).tolist(), range(4), strict=True):
        for times, inside in ((0.999, False), (1.001, True)):
            low, high = sets.at(factor * times, WINDOW)
            assert bool((low <= truth)[needed] & (truth <= high)[needed]) is inside


def test_the_share_missed_falls_with_the_factor(sets):
    missed = sets.missed(four(-5, 10, 0, -30), INSIDE, WINDOW)
    assert missed[0] == 0.75 and missed[-1] == 0
    assert (np.diff(missed) <= 0).all()
    assert missed[FACTORS < 0.5][-1] == 0.75 and missed[FACTORS > 0.51][0] == 0.25
    only = torch.tensor([True, True, False, False])
    assert sets.missed(four(-5, 10, 0, -30), only, WINDOW)[0] == 1
