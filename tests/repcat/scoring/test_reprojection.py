"""Re-projected predictions against the input views."""

import math

import pytest
import torch
from torch import Tensor

from repcat import DataError, Geometry, View, attenuation, preset
from repcat.scoring.reprojection import Scene, reprojection

GEOMETRY = preset("parallel", size=16, cube_mm=160.0)
VIEWS = (View(0), View(90))


@pytest.fixture
def hu() -> Tensor:
    hu = torch.full((16, 16, 16), -1000.0)
    hu[3:12, 4:13, 2:14] = 60.0
    return hu


def test_the_truth_is_faithful(hu, sums) -> None:
    integrals = sums(attenuation(hu), GEOMETRY, VIEWS)
    figures = reprojection(Scene(sums, GEOMETRY, VIEWS).cast(hu), integrals)
    assert figures == {"reprojection_psnr": math.inf, "reprojection_ncc": pytest.approx(1)}


def test_an_error_is_measured_in_shares_of_the_true_range(hu, sums) -> None:
    integrals = sums(attenuation(hu), GEOMETRY, VIEWS)
    offset = 0.1 * (integrals.amax(dim=(1, 2)) - integrals.amin(dim=(1, 2)))

    def brighter(mu: Tensor, geometry: Geometry, views: tuple[View, ...]) -> Tensor:
        return sums(mu, geometry, views) + offset[:, None, None]

    figures = reprojection(Scene(brighter, GEOMETRY, VIEWS).cast(hu), integrals)
    assert figures["reprojection_psnr"] == pytest.approx(20.0, abs=1e-4)
    assert figures["reprojection_ncc"] == pytest.approx(1)


def test_other_views_than_the_stored_ones_are_refused(hu, sums) -> None:
    with pytest.raises(DataError, match="gives views of 2 x 16 x 16, the dataset stores 1 x 16"):
        reprojection(Scene(sums, GEOMETRY, VIEWS).cast(hu), torch.zeros(1, 16, 16))
