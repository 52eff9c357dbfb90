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
