"""x2ct2019 against the golden figures of the released code."""

import pytest
import torch

from repcat.scoring.ssim import slice_ssim
from repcat_plugins.protocols.x2ct2019 import figures


@pytest.mark.parametrize("subject", range(4))
def test_x2ct2019_equals_the_released_code(golden, subject: int) -> None:
    z = golden("metrics")
    gt, pred = (torch.from_numpy(z[n][subject, 0]) for n in ("gt", "pred"))
    found = figures(gt, pred)
    assert found["psnr_3d"] == pytest.approx(z["psnr3d_2500_4095"][subject], abs=1e-3)
    assert found["psnr"] == pytest.approx(z["psnr_axis_2500_4095"][subject, 3], abs=1e-3)
    assert found["ssim"] == pytest.approx(z["x2ct_ssim_dhw_avg"][subject, 3], abs=1e-5)
    assert found["mae_2500"] == pytest.approx(z["mae_2500"][subject], rel=1e-3)
    assert found["mse_2500"] == pytest.approx(z["mse_2500"][subject], rel=1e-3)
    ours = [slice_ssim(gt, pred.clamp(0, 1), axis) for axis in range(3)]
    assert ours == pytest.approx(z["x2ct_ssim_dhw_avg_no_transpose"][subject, :3], abs=1e-5)
    # the golden axes are D, H, W after the released code swaps the first two
    permuted = [found[f"psnr_{axis}"] for axis in "yzx"]
    assert permuted == pytest.approx(z["psnr_axis_2500_4095"][subject, :3], abs=1e-3)
