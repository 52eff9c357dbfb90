"""psct2026: what PSCT-Net's test code computes (MICCAI workshops 2026; test.py, commit 2f3e7b2)."""

from __future__ import annotations

from torch import Tensor

import repcat
from repcat import metrics
from repcat_plugins.protocols import integer_slices as of


def psct2026() -> repcat.Protocol:
    """Score as PSCT-Net's test code does: integers of 0..2500, peak 2500, slices and 3D."""
    return repcat.Protocol(
        why="what PSCT-Net's test code computes, as read, not run beside it; LPIPS is left out",
        window=of.TEXT,
        psnr="peak 2500 over a range of 2500, mean over slices of three axes; psnr_3d: one",
        # channel_axis=True is axis 1 of each of its three transposes: x, x and y where the axes
        # are z, y, x, as its `_std` datasets leave them.
        ssim="slices of 7 x 7 windows, along x twice and y once (its bug), range 2500",
        rounding="int32 of 0..2500, truncated (PSNR, SSIM and the errors of 0..2500)",
        clipping="truth and prediction",
        span=of.SPAN,
        peak=2500.0,
        columns=(*of.UNIT_COLUMNS, *of.PSNR_COLUMNS, *of.ERROR_COLUMNS),
        rule=rule,
        shown=of.SHOWN,
        irreversible=(
            of.SLICE_GAIN.format("PSNR"),
            of.WIDE_WINDOW,
            "its paper and tables do not say which peak they took: 2500 is its test code's",
            "in its own skull data all below 200 HU was set to -1024 HU before",
        ),
    )


def rule(truth_hu: Tensor, window: repcat.Window) -> repcat.Scorer:
    """Bring -1024..1476 HU to [0, 1], both clipped; the run's window plays no part."""
    truth = of.WINDOW.to_unit(truth_hu)
    return lambda prediction: figures(truth, of.WINDOW.to_unit(prediction))


def figures(truth: Tensor, prediction: Tensor) -> dict[str, float]:
    """Score volumes (D, H, W) in [0, 1] as PSCT-Net's `test.py` does."""
    t_int, p_int = of.integers(truth), of.integers(prediction)
    along_x, along_y = (metrics.slice_ssim(t_int, p_int, axis, of.SPAN) for axis in (2, 1))
    integers = metrics.difference(t_int, p_int)
    return {
        **of.psnr_figures(integers, of.SPAN),
        "ssim": (2 * along_x + along_y) / 3,
        **of.error_figures(metrics.difference(truth, prediction)),
        **of.error_figures(integers, "_2500"),
    }
