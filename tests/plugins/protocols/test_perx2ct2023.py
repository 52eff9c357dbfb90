"""perx2ct2023 against scikit-image, called as PerX2CT's main_test.py calls it."""

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from repcat_plugins.protocols.perx2ct2023 import perx2ct2023
from repcat_plugins.protocols.x2ct2019 import x2ct2019


@pytest.fixture
def unit(hu) -> list[np.ndarray]:
    """The volumes as float64 of 0..1 where the truth's window holds them; its truth is clipped."""
    truth, prediction = ((v.double().numpy() + 1024) / 2500 for v in hu)
    return [np.clip(truth, 0, 1), prediction]


def test_its_ssim_is_three_dimensional_over_a_range_of_two(hu, unit) -> None:
    # axis 0 is a batch of one: channel_axis=False leaves one volume, whichever way it is turned
    for turn in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        a, b = (v.transpose(turn)[None] for v in unit)
        theirs = structural_similarity(a, b, data_range=2.0, channel_axis=0)
        assert perx2ct2023().against(hu[0])(hu[1])["ssim"] == pytest.approx(theirs, abs=1e-5)


def test_its_psnr_is_x2cts_but_for_the_prediction_that_is_not_clipped(hu) -> None:
    inside = hu[1].clamp(-1024, 1476)
    ours, theirs = (by().against(hu[0]) for by in (perx2ct2023, x2ct2019))
    assert ours(inside)["psnr"] == pytest.approx(theirs(inside)["psnr"], abs=1e-3)
    assert ours(hu[1])["psnr_3d"] < theirs(hu[1])["psnr_3d"]
