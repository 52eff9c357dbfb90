"""standard: the true range, the whole volume and the body alone."""

from __future__ import annotations

from torch import Tensor

import repcat
from repcat import metrics

FIGURES = ("psnr", "ssim", "mse", "mae", "mae_hu")


def standard() -> repcat.Protocol:
    """Score in the run's window, the whole volume and the body alone; nothing added to a PSNR."""
    return repcat.Protocol(
        why="honest: the true range, the whole volume and the body alone",
        psnr="peak 1 over a range of 1, one error for the volume",
        ssim="3D, Gaussian of 11 taps, sigma 1.5 voxels, range 1",
        rounding="none",
        clipping="truth and prediction",
        span=1.0,
        peak=1.0,
        columns=tuple(metrics.column(p + name) for p in ("", "body_") for name in FIGURES),
        rule=rule,
        # repcat adds the equivalent blur
        shown=("body_psnr", "equivalent_blur_mm", "psnr", "body_ssim", "ssim", "body_mae_hu"),
        compared=("body_psnr", "body_ssim", "body_mae_hu", "psnr"),
    )


def rule(truth_hu: Tensor, window: repcat.Window) -> repcat.Scorer:
    """Score in the run's window, both clipped to it: the whole volume, and the body alone."""
    truth, body = window.to_unit(truth_hu), metrics.body_mask(truth_hu)
    ssim, width = metrics.GaussianSSIM(truth), window.high - window.low

    def score(prediction_hu: Tensor) -> dict[str, float]:
        prediction = window.to_unit(prediction_hu)
        similarity = ssim.map(prediction)
        figures: dict[str, float] = {}
        for prefix, mask in (("", None), ("body_", body)):
            error, absolute = (f(truth, prediction, mask) for f in (metrics.mse, metrics.mae))
            mean = ssim.mean(similarity) if mask is None else float(similarity[mask].mean())
            values = (metrics.psnr_of(error), mean, error, absolute, absolute * width)
            figures |= {prefix + k: value for k, value in zip(FIGURES, values, strict=True)}
        return figures

    return score
