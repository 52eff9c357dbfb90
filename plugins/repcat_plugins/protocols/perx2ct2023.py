"""perx2ct2023: what PerX2CT's test code computes (ICASSP 2023; main_test.py, commit 5eececf)."""

from __future__ import annotations

from torch import Tensor

import repcat
from repcat import metrics
from repcat_plugins.protocols import integer_slices as of


def perx2ct2023() -> repcat.Protocol:
    """Score as PerX2CT's test code does: PSNR as X2CT-GAN's, SSIM in 3D over a range of 2."""
    return repcat.Protocol(
        why="what PerX2CT's test code computes, as read, not run beside it; LPIPS is left out",
        window=of.TEXT,
        psnr="peak 4095 over a range of 2500, mean over slices of three axes",
        # data_range=None is the width of a float's range, -1..1, in scikit-image 0.19.1, which it
        # pins; channel_axis=False is axis 0, its batch of one, which leaves a 3D window.
        ssim="3D, 7 x 7 x 7 windows, range 2 over values of 0..1 (twice theirs)",
        rounding="int32 of 0..2500, truncated (PSNR only)",
        clipping="truth only: its network's output is not bounded",
        span=of.SPAN,
        peak=4095.0,
        columns=(*of.UNIT_COLUMNS, *of.PSNR_COLUMNS),
        rule=rule,
        shown=of.SHOWN,
        irreversible=(
            of.SLICE_GAIN.format("PSNR"),
            of.WIDE_WINDOW,
            "SSIM over a range of 2 is higher than over 1 (by about .1 on chests)",
            "its three planes may come from three predictions; here all are of one volume",
        ),
    )


def rule(truth_hu: Tensor, window: repcat.Window) -> repcat.Scorer:
    """Bring -1024..1476 HU to [0, 1], the truth clipped; the run's window plays no part."""
    truth, low = of.WINDOW.to_unit(truth_hu), of.WINDOW.low
    return lambda prediction: figures(truth, (prediction - low) / of.SPAN)


def figures(truth: Tensor, prediction: Tensor) -> dict[str, float]:
    """Score volumes (D, H, W), the true one in [0, 1], as PerX2CT's `main_test.py` does.

    `psnr_3d`, `mse` and `mae` are no figures of its tables: they show what the slices add.
    """
    return {
        **of.psnr_figures(metrics.difference(of.integers(truth), of.integers(prediction)), 4095),
        "ssim": metrics.cube_ssim(truth, prediction, data_range=2.0),
        **of.error_figures(metrics.difference(truth, prediction)),
    }
