"""x2ct2019: what X2CT-GAN's test code computes (Ying et al., CVPR 2019; 3DGAN/test.py)."""

from __future__ import annotations

from torch import Tensor

import repcat
from repcat import metrics
from repcat_plugins.protocols import integer_slices as of


def x2ct2019() -> repcat.Protocol:
    """Score as X2CT-GAN's test code does: integers of 0..2500, peak 4095, mean over slices."""
    return repcat.Protocol(
        why="what X2CT-GAN's test code computes",
        window=of.TEXT,
        psnr="peak 4095 over a range of 2500, mean over slices of three axes; psnr_3d: one",
        ssim="slices of 7 x 7 windows along three axes, range 1",
        rounding="int32 of 0..2500, truncated (PSNR, and the errors of 0..2500)",
        clipping="truth and prediction",
        span=of.SPAN,
        peak=4095.0,
        columns=(*of.UNIT_COLUMNS, *of.PSNR_COLUMNS, *of.ERROR_COLUMNS),
        rule=rule,
        shown=of.SHOWN,
        irreversible=(of.SLICE_GAIN.format("PSNR-avg"), of.WIDE_WINDOW),
    )


def rule(truth_hu: Tensor, window: repcat.Window) -> repcat.Scorer:
    """Bring -1024..1476 HU to [0, 1] as X2CT-GAN's loader does; the run's window plays no part."""
    truth = of.WINDOW.to_unit(truth_hu)
    return lambda prediction: figures(truth, of.WINDOW.to_unit(prediction))


def figures(truth: Tensor, prediction: Tensor) -> dict[str, float]:
    """Score volumes (D, H, W) in [0, 1] as X2CT-GAN's `test.py` does.

    `psnr` is its PSNR-avg, `ssim` the mean over slices along three axes.
    """
    p = prediction.clamp(0, 1)
    integers = metrics.difference(of.integers(truth), of.integers(p))
    return {
        **of.psnr_figures(integers, 4095),
        "ssim": sum(metrics.slice_ssim(truth, p, axis) for axis in range(3)) / 3,
        **of.error_figures(metrics.difference(truth, p)),
        **of.error_figures(integers, "_2500"),
    }
