"""Protocols against the golden figures of the released codes and scikit-image."""

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from repcat.errors import DataError, RecipeError
from repcat.scoring.body_mask import body_mask
from repcat.scoring.metrics import slice_psnr
from repcat.scoring.protocols import PROTOCOLS, protocol
from repcat.scoring.rules import seed2024, x2ct2019
from repcat.scoring.ssim import slice_ssim
from repcat.types import Window


@pytest.fixture
def hu() -> tuple[torch.Tensor, torch.Tensor]:
    """A soft block in air and a noisy prediction of it, some values beyond the window."""
    noise = torch.randn(2, 16, 16, 16, generator=torch.Generator().manual_seed(1))
    truth = torch.full((16, 16, 16), -1000.0)
    truth[3:13, 2:14, 4:15] = 50.0
    truth[6:8, 6:8, 6:8] = 1800.0
    return truth + 20 * noise[0], truth + 150 * noise[1]


@pytest.mark.parametrize("subject", range(4))
def test_seed2024_equals_the_released_code(golden, subject: int) -> None:
    z = golden("metrics")
    figures = seed2024(*(torch.from_numpy(z[n][subject, 0]) for n in ("gt", "pred")))
    assert figures["psnr"] == pytest.approx(z["official_psnr"][subject], abs=1e-3)
    assert figures["ssim"] == pytest.approx(z["official_ssim"][subject], abs=1e-5)
    assert figures["mse"] == pytest.approx(z["mse01"][subject], abs=1e-6)
    assert figures["mae"] == pytest.approx(z["mae01"][subject], abs=1e-6)


@pytest.mark.parametrize("subject", range(4))
def test_x2ct2019_equals_the_released_code(golden, subject: int) -> None:
    z = golden("metrics")
    gt, pred = (torch.from_numpy(z[n][subject, 0]) for n in ("gt", "pred"))
    figures = x2ct2019(gt, pred)
    assert figures["psnr_3d"] == pytest.approx(z["psnr3d_2500_4095"][subject], abs=1e-3)
    assert figures["psnr"] == pytest.approx(z["psnr_axis_2500_4095"][subject, 3], abs=1e-3)
    assert figures["ssim"] == pytest.approx(z["x2ct_ssim_dhw_avg"][subject, 3], abs=1e-5)
    assert figures["mae_2500"] == pytest.approx(z["mae_2500"][subject], rel=1e-3)
    assert figures["mse_2500"] == pytest.approx(z["mse_2500"][subject], rel=1e-3)
    ours = [slice_ssim(gt, pred.clamp(0, 1), axis) for axis in range(3)]
    assert ours == pytest.approx(z["x2ct_ssim_dhw_avg_no_transpose"][subject, :3], abs=1e-5)
    # the golden axes are D, H, W after the released code swaps the first two
    permuted = [figures[f"psnr_{axis}"] for axis in "yzx"]
    assert permuted == pytest.approx(z["psnr_axis_2500_4095"][subject, :3], abs=1e-3)


def test_slices_of_the_papers_integers_equal_the_golden(golden) -> None:
    z = golden("metrics")
    gt, pred = (torch.from_numpy(z[n][0, 0]) for n in ("gt", "pred"))
    ints = [(v * 2000).int() for v in (gt, pred.clamp(0, 1))]
    ours = [slice_psnr(*ints, 4095, axis) for axis in (1, 0, 2)]
    assert ours == pytest.approx(z["psnr_axis_2000_4095"][0, :3], abs=1e-3)


def test_standard_equals_scikit_image(hu) -> None:
    figures = PROTOCOLS["standard"].against(hu[0])(hu[1])
    a, b = (np.clip((v.double().numpy() + 1000) / 2000, 0, 1) for v in hu)
    mask = body_mask(hu[0]).numpy()
    mean, full = structural_similarity(
        a, b, data_range=1, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, full=True
    )
    psnr, body = (
        peak_signal_noise_ratio(x, y, data_range=1) for x, y in ((a, b), (a[mask], b[mask]))
    )
    assert figures["psnr"] == pytest.approx(psnr, abs=1e-5)
    assert figures["ssim"] == pytest.approx(mean, abs=1e-5)
    assert figures["body_psnr"] == pytest.approx(body, abs=1e-5)
    assert figures["body_ssim"] == pytest.approx(full[mask].mean(), abs=1e-5)
    assert figures["mae_hu"] == pytest.approx(2000 * np.abs(a - b).mean(), abs=1e-2)


def test_a_narrower_window_costs_decibels_for_the_same_error_in_hu(hu) -> None:
    soft = torch.full((16, 16, 16), 0.0)
    wide, narrow = (
        PROTOCOLS["standard"].against(soft, window)(soft + 100)["psnr"]
        for window in (Window(-1000, 1000), Window(-500, 500))
    )
    assert wide == pytest.approx(20 * np.log10(20), abs=1e-4)  # 100 HU of 2000
    assert wide - narrow == pytest.approx(20 * np.log10(2), abs=1e-4)


def test_seed2024_stretches_each_volume_to_its_own_extremes(hu) -> None:
    score = PROTOCOLS["seed2024"].against(hu[0])
    unit = [(v - hu[0].min()) / (hu[0].max() - hu[0].min() + 1e-4) for v in hu]
    assert score(hu[1]) == seed2024(*unit)


def test_a_perfect_prediction_has_no_error_by_any_protocol(hu) -> None:
    found = {name: p.against(hu[0])(hu[0]) for name, p in PROTOCOLS.items()}
    assert [found[n]["psnr"] for n in PROTOCOLS] == [float("inf"), 100.0, 100.0]
    assert all(f["ssim"] == pytest.approx(1) for f in found.values())


def test_a_wrong_name_gets_the_nearest() -> None:
    with pytest.raises(RecipeError, match="no protocol is called 'seed2023'; did you mean 'seed20"):
        protocol("seed2023")


@pytest.mark.parametrize("name", PROTOCOLS)
def test_volumes_on_other_grids_and_nans_are_refused(hu, name: str) -> None:
    score = PROTOCOLS[name].against(hu[0])
    with pytest.raises(DataError, match="truth is 16 x 16 x 16 voxels and the prediction 8 x 16"):
        score(hu[1][:8])
    with pytest.raises(DataError, match="1 of 4096 voxels of the prediction are not finite"):
        score(
            hu[1]
            .index_fill(0, torch.tensor([]).long(), 0)
            .put(torch.tensor(5), torch.tensor(float("nan")))
        )
