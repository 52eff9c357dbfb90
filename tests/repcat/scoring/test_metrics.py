"""Voxelwise metrics against known answers and scikit-image."""

import math

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio

from repcat.scoring import metrics


def test_a_constant_shift_has_a_known_psnr() -> None:
    truth = torch.rand(4, 5, 6)
    assert metrics.psnr(truth, truth + 0.1) == pytest.approx(20.0, abs=1e-5)  # -20 log10(.1)
    assert metrics.psnr(truth, truth) == math.inf


def test_psnr_equals_scikit_image() -> None:
    a, b = torch.rand(2, 8, 9, 10, dtype=torch.float64)
    theirs = peak_signal_noise_ratio(a.numpy(), b.numpy(), data_range=2.5)
    assert metrics.psnr(a, b, peak=2.5) == pytest.approx(theirs, abs=1e-6)


def test_a_mask_leaves_out_the_rest() -> None:
    truth, prediction = torch.zeros(2, 2, 2), torch.zeros(2, 2, 2)
    prediction[0] = 3.0
    assert metrics.mae(truth, prediction, truth == prediction) == 0
    assert metrics.mse(truth, prediction) == pytest.approx(4.5)


def test_a_slice_without_error_counts_a_hundred_decibels() -> None:
    truth = torch.zeros(2, 3, 3)
    prediction = truth.clone()
    prediction[1] = 0.1
    assert metrics.slice_psnr(truth, prediction, 1.0, axis=0) == pytest.approx(60.0, abs=1e-5)


def test_ncc_is_a_correlation() -> None:
    a, b = torch.rand(2, 5, 5, 5)
    theirs = np.corrcoef(a.flatten().numpy(), b.flatten().numpy())[0, 1]
    assert metrics.ncc(a, b) == pytest.approx(theirs, abs=1e-6)
    assert metrics.ncc(1e-3 * a, 1e-3 * b) == pytest.approx(theirs, abs=1e-6)
    assert metrics.ncc(a, 3 - 2 * a) == pytest.approx(-1.0)
    assert metrics.ncc(a, torch.ones_like(a)) == 0


def test_errors_on_unit_arrays_equal_the_golden(golden) -> None:
    z = golden("metrics")
    for k in range(4):
        gt, pred = (torch.from_numpy(z[n][k, 0]) for n in ("gt", "pred"))
        pred = pred.clamp(0, 1)
        assert metrics.mse(gt, pred) == pytest.approx(z["mse01"][k], abs=1e-6)
        assert metrics.mae(gt, pred) == pytest.approx(z["mae01"][k], abs=1e-6)
        assert metrics.psnr(gt, pred) == pytest.approx(z["psnr3d_unit"][k], abs=1e-4)


def test_an_error_is_taken_over_the_mask_alone() -> None:
    truth = torch.zeros(2, 2, 2)
    prediction = torch.tensor([1.0, -3.0]).expand(2, 2, 2)
    left = torch.tensor([True, False]).expand(2, 2, 2)
    assert [f(truth, prediction) for f in (metrics.mse, metrics.mae)] == [5, 2]
    assert [f(truth, prediction, ~left) for f in (metrics.mse, metrics.mae)] == [9, 3]
    assert metrics.psnr(truth, prediction, 10.0, left) == pytest.approx(20)


def test_errors_of_large_near_numbers_are_taken_in_float64() -> None:
    truth = torch.full((2, 2, 2), 1e6, dtype=torch.float64)
    assert metrics.mae(truth, truth + 1e-4) == pytest.approx(1e-4, rel=1e-4)
    assert metrics.mse(truth, truth + 1e-4) == pytest.approx(1e-8, rel=1e-4)
    assert metrics.slice_psnr(truth, truth + 1e-4, 1.0, axis=2) == pytest.approx(80, abs=1e-3)


def test_decibels_of_an_error() -> None:
    assert metrics.psnr_of(0.01) == pytest.approx(20)
    assert metrics.psnr_of(25.0, 50.0) == pytest.approx(20)
    assert (metrics.psnr_of(0.0), metrics.psnr_of(0.0, 2.0, 100.0)) == (math.inf, 100)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_slice_psnr_is_the_mean_of_scikit_images_over_slices(axis: int) -> None:
    a, b = torch.rand(2, 3, 4, 5, dtype=torch.float64).movedim(axis + 1, 1).numpy()
    slices = zip(a, b, strict=True)
    theirs = [peak_signal_noise_ratio(x, y, data_range=4095) for x, y in slices]
    volumes = [torch.from_numpy(v).movedim(0, axis) for v in (a, b)]
    assert metrics.slice_psnr(*volumes, 4095, axis) == pytest.approx(np.mean(theirs))


def test_correlations_of_every_two_volumes_are_numpys() -> None:
    volumes = torch.randn(4, 2, 3, 4, generator=torch.Generator().manual_seed(0)) + 50
    theirs = np.corrcoef(volumes.flatten(1).double().numpy())
    found = metrics.pairwise_correlation(volumes)
    assert found.numpy() == pytest.approx(theirs, abs=1e-12)
    assert found.abs().max() <= 1


def test_two_constant_volumes_correlate_and_a_constant_one_with_no_other() -> None:
    ramp = torch.arange(-4.0, 5.0, dtype=torch.float64).reshape(3, 3)
    ramp /= ramp.square().mean().sqrt()  # of deviation 1; below 1e-9 a volume is constant
    volumes = torch.stack((ramp * 0 + 3, ramp * 0 + 7, ramp, 0.8e-9 * ramp, -1.2e-9 * ramp))
    found = metrics.pairwise_correlation(volumes)
    assert found[0].tolist() == [1, 1, 0, 1, 0]
    assert found[2].tolist() == pytest.approx([0, 0, 1, 1, -1])
