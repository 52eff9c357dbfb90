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
    truth = window.to_unit(truth_hu)
    body = metrics.body_mask(truth_hu).flatten().nonzero().squeeze(1)  # looked up once
    ssim, width = metrics.GaussianSSIM(truth), window.high - window.low

    def score(prediction_hu: Tensor) -> dict[str, float]:
        prediction = window.to_unit(prediction_hu)
        similarity, errors = ssim.map(prediction), metrics.difference(truth, prediction)
        whole = _figures(errors, ssim.mean(similarity), width)
        seen = float(similarity.flatten()[body].mean())
        inside = _figures(errors.flatten()[body], seen, width)
        return whole | {f"body_{name}": value for name, value in inside.items()}

    return score


def _figures(difference: Tensor, ssim: float, width: float) -> dict[str, float]:
    """Name the figures of a difference of values in 0..1, which are `width` HU."""
    error, absolute = metrics.mean_errors(difference)
    values = (metrics.psnr_of(error), ssim, error, absolute, absolute * width)
    return dict(zip(FIGURES, values, strict=True))
