"""seed2024: what the released code of the repeat-and-concatenate paper computes."""

from __future__ import annotations

from torch import Tensor

import repcat
from repcat import metrics

MINMAX_EPS = 1e-4


def seed2024() -> repcat.Protocol:
    """Score as the paper's released code does: each volume's own extremes, peak 4095 of 2000."""
    return repcat.Protocol(
        why="what the released code of the repeat-and-concatenate paper computes",
        window="each true volume's own least and largest value, to 0..1",
        psnr="peak 4095 over a range of 2000, one error for the volume",
        ssim="slices of 7 x 7 windows, along x twice and z once (its bug), range 1",
        rounding="int32 of 0..2000, truncated (PSNR only)",
        clipping="prediction only",
        span=2000.0,
        peak=4095.0,
        columns=tuple(map(metrics.column, ("psnr", "ssim", "mse", "mae"))),
        rule=rule,
        irreversible=(
            "every volume was stretched to its own least and largest value, so its window in "
            "HU differs from patient to patient and is not written down",
            "values were truncated to integers (below .01 dB)",
        ),
    )


def rule(truth_hu: Tensor, window: repcat.Window) -> repcat.Scorer:
    """Bring Hounsfield units to [0, 1] as the paper's loader does: (v - min) / (max - min + 1e-4).

    Least and largest are the truth's, for the prediction too; the run's window plays no part.
    """
    low, high = truth_hu.min(), truth_hu.max()
    truth = (truth_hu - low) / (high - low + MINMAX_EPS)
    return lambda prediction: figures(truth, (prediction - low) / (high - low + MINMAX_EPS))


def figures(truth: Tensor, prediction: Tensor) -> dict[str, float]:
    """Score volumes (A0, A1, A2) in [0, 1] as the paper's released code does (`eval_psnr_ssim`).

    Only the prediction is clipped. Both become int32 in 0..2000, truncated, for a PSNR with peak
    4095. Of the three SSIMs it means to average, two slice along A2, one along A0, none along A1.
    """
    p = prediction.clamp(0, 1)
    error = metrics.mse(*((v * 2000).int() for v in (truth, p)))
    last, first = (metrics.slice_ssim(truth, p, axis) for axis in (2, 0))
    squared, absolute = metrics.mean_errors(metrics.difference(truth, p))
    return {
        "psnr": metrics.psnr_of(error, 4095, metrics.NO_ERROR_DB),
        "ssim": (2 * last + first) / 3,
        "mse": squared,
        "mae": absolute,
    }
