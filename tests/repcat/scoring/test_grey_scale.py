"""Mean error and calibration slope against what they are by definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from repcat.scoring.grey_scale import grey_scale


@pytest.fixture
def chest() -> torch.Tensor:
    """Return a box of tissue from 0 to 100 HU in air."""
    truth = torch.full((12, 12, 12), -1000.0)
    truth[2:10, 2:10, 2:10] = 100 * torch.rand(8, 8, 8, generator=torch.Generator().manual_seed(0))
    return truth


def test_the_truth_itself_is_right(chest: torch.Tensor) -> None:
    assert grey_scale(chest, chest) == pytest.approx((0.0, 1.0, 1.0))


def test_it_is_the_line_that_numpy_fits_inside_the_body(chest: torch.Tensor) -> None:
    seen = 1.3 * chest + 50 + torch.randn(chest.shape, generator=torch.Generator().manual_seed(1))
    inside = chest > -500
    slope = np.polyfit(seen[inside].double(), chest[inside].double(), 1)[0]
    found = grey_scale(chest, seen)
    assert found.slope == pytest.approx(slope, rel=1e-9)
    assert found.bias_hu == pytest.approx(float((seen - chest)[inside].double().mean()))


def test_contrasts_that_are_too_large_have_the_slope_of_their_inverse(chest: torch.Tensor) -> None:
    found = grey_scale(chest, 1.3 * chest)
    assert found.slope == pytest.approx(1 / 1.3, rel=1e-5)
    assert found.contrast == pytest.approx(1.3, rel=1e-5)


def test_the_best_guess_has_slope_1_however_blurred(chest: torch.Tensor) -> None:
    planes = chest.clone()  # knows nothing but the mean of each plane
    for z in range(2, 10):
        planes[z, 2:10, 2:10] = chest[z, 2:10, 2:10].mean()
    found = grey_scale(chest, planes)
    assert found[:2] == pytest.approx((0.0, 1.0), abs=1e-4)
    assert found.contrast < 0.5


def test_a_constant_has_a_mean_error_and_no_slope(chest: torch.Tensor) -> None:
    found = grey_scale(chest, torch.full_like(chest, 500.0))
    assert found.bias_hu == pytest.approx(500 - float(chest[chest > -500].mean()), rel=1e-6)
    assert math.isnan(found.slope) and found.contrast == 0
