"""psct2026 against scikit-image, called as PSCT-Net's metrics_np.py calls it, and x2ct2019."""

import math

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from repcat_plugins.protocols.psct2026 import psct2026
from repcat_plugins.protocols.x2ct2019 import x2ct2019


def test_its_ssim_slices_along_x_twice_and_along_y_once(hu) -> None:
    # its three transposes of (D, H, W), each with channel_axis=True, which is axis 1
    a, b = (np.trunc(np.clip((v.numpy() + 1024) / 2500, 0, 1) * 2500).astype(float) for v in hu)
    theirs = [
        structural_similarity(a.transpose(t), b.transpose(t), data_range=2500, channel_axis=1)
        for t in ((1, 2, 0), (0, 2, 1), (0, 1, 2))
    ]
    found = psct2026().against(hu[0])(hu[1])["ssim"]
    assert found == pytest.approx(np.mean(theirs), abs=1e-5)


def test_its_psnr_is_x2cts_less_what_that_peak_adds(hu) -> None:
    ours, theirs = (by().against(hu[0])(hu[1]) for by in (psct2026, x2ct2019))
    for name in ("psnr", "psnr_3d", "psnr_z", "psnr_y", "psnr_x"):
        assert theirs[name] - ours[name] == pytest.approx(20 * math.log10(4095 / 2500))
    assert {k: ours[k] for k in ("mse", "mae_2500")} == {k: theirs[k] for k in ("mse", "mae_2500")}
