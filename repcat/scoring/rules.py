"""What each protocol computes: on arrays in [0, 1], and on Hounsfield units."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from repcat.scoring import metrics
from repcat.scoring.body_mask import body_mask
from repcat.scoring.ssim import GaussianSSIM, slice_ssim
from repcat.types import Window

Scorer = Callable[[Tensor], dict[str, float]]

X2CT_WINDOW = Window(-1024.0, 1476.0)
MINMAX_EPS = 1e-4


def standard_hu(truth_hu: Tensor, window: Window) -> Scorer:
    """Score in the run's window, both clipped to it: the whole volume, and the body alone."""
    truth, body = window.to_unit(truth_hu), body_mask(truth_hu)
    ssim, width = GaussianSSIM(truth), window.high - window.low

    def score(prediction_hu: Tensor) -> dict[str, float]:
        prediction = window.to_unit(prediction_hu)
        similarity = ssim.map(prediction)
        figures: dict[str, float] = {}
        for prefix, mask in (("", None), ("body_", body)):
            error, absolute = (f(truth, prediction, mask) for f in (metrics.mse, metrics.mae))
            mean = ssim.mean(similarity) if mask is None else float(similarity[mask].mean())
            values = (metrics.psnr_of(error), mean, error, absolute, absolute * width)
            names = ("psnr", "ssim", "mse", "mae", "mae_hu")
            figures |= {prefix + name: value for name, value in zip(names, values, strict=True)}
        return figures

    return score


def seed2024_hu(truth_hu: Tensor, window: Window) -> Scorer:
    """Bring Hounsfield units to [0, 1] as the paper's loader does: (v - min) / (max - min + 1e-4).

    Least and largest are the truth's, for the prediction too; the run's window plays no part.
    """
    low, high = truth_hu.min(), truth_hu.max()
    truth = (truth_hu - low) / (high - low + MINMAX_EPS)
    return lambda prediction: seed2024(truth, (prediction - low) / (high - low + MINMAX_EPS))


def seed2024(truth: Tensor, prediction: Tensor) -> dict[str, float]:
    """Score volumes (A0, A1, A2) in [0, 1] as the paper's released code does (`eval_psnr_ssim`).

    Only the prediction is clipped. Both become int32 in 0..2000, truncated, for a PSNR with peak
    4095. Of the three SSIMs it means to average, two slice along A2, one along A0, none along A1.
    """
    p = prediction.clamp(0, 1)
    error = metrics.mse(*((v * 2000).int() for v in (truth, p)))
    last, first = (slice_ssim(truth, p, axis) for axis in (2, 0))
    return {
        "psnr": metrics.psnr_of(error, 4095, metrics.NO_ERROR_DB),
        "ssim": (2 * last + first) / 3,
        "mse": metrics.mse(truth, p),
        "mae": metrics.mae(truth, p),
    }


def x2ct2019_hu(truth_hu: Tensor, window: Window) -> Scorer:
    """Bring -1024..1476 HU to [0, 1] as X2CT-GAN's loader does; the run's window plays no part."""
    truth = X2CT_WINDOW.to_unit(truth_hu)
    return lambda prediction: x2ct2019(truth, X2CT_WINDOW.to_unit(prediction))


def x2ct2019(truth: Tensor, prediction: Tensor) -> dict[str, float]:
    """Score volumes (D, H, W) in [0, 1] as X2CT-GAN's `test.py` does.

    `psnr` is its PSNR-avg (slices along three axes), `psnr_3d` one error for the volume, both of
    int32 in 0..2500 with peak 4095; `ssim` the mean over slices along three axes.
    """
    p = prediction.clamp(0, 1)
    t_int, p_int = ((v * 2500).int() for v in (truth, p))
    axes = [metrics.slice_psnr(t_int, p_int, 4095, axis) for axis in range(3)]
    error = metrics.mse(t_int, p_int)
    return {
        "psnr": sum(axes) / 3,
        "psnr_3d": metrics.psnr_of(error, 4095, metrics.NO_ERROR_DB),
        **dict(zip(("psnr_z", "psnr_y", "psnr_x"), axes, strict=True)),
        "ssim": sum(slice_ssim(truth, p, axis) for axis in range(3)) / 3,
        "mse": metrics.mse(truth, p),
        "mae": metrics.mae(truth, p),
        "mse_2500": error,
        "mae_2500": metrics.mae(t_int, p_int),
    }
