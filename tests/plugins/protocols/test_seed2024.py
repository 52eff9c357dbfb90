"""seed2024 against the golden figures of the released code."""

import pytest
import torch

from repcat.scoring.metrics import slice_psnr
from repcat_plugins.protocols.seed2024 import figures, seed2024


@pytest.mark.parametrize("subject", range(4))
def test_seed2024_equals_the_released_code(golden, subject: int) -> None:
    z = golden("metrics")
    found = figures(*(torch.from_numpy(z[n][subject, 0]) for n in ("gt", "pred")))
    assert found["psnr"] == pytest.approx(z["official_psnr"][subject], abs=1e-3)
    assert found["ssim"] == pytest.approx(z["official_ssim"][subject], abs=1e-5)
    assert found["mse"] == pytest.approx(z["mse01"][subject], abs=1e-6)
    assert found["mae"] == pytest.approx(z["mae01"][subject], abs=1e-6)


def test_slices_of_the_papers_integers_equal_the_golden(golden) -> None:
    z = golden("metrics")
    gt, pred = (torch.from_numpy(z[n][0, 0]) for n in ("gt", "pred"))
    ints = [(v * 2000).int() for v in (gt, pred.clamp(0, 1))]
    ours = [slice_psnr(*ints, 4095, axis) for axis in (1, 0, 2)]
    assert ours == pytest.approx(z["psnr_axis_2000_4095"][0, :3], abs=1e-3)


def test_seed2024_stretches_each_volume_to_its_own_extremes(hu) -> None:
    unit = [(v - hu[0].min()) / (hu[0].max() - hu[0].min() + 1e-4) for v in hu]
    assert seed2024().against(hu[0])(hu[1]) == figures(*unit)
