"""Integers of 0..2500 scored slice by slice: what X2CT-GAN's test code began and others kept."""

from __future__ import annotations

from torch import Tensor

import repcat
from repcat import metrics

# HU + 1024 in 0..2500, as X2CT-GAN's data are stored.
WINDOW = repcat.Window(-1024.0, 1476.0)
TEXT = "-1024..1476 HU to 0..1"
SPAN = 2500.0
UNIT_COLUMNS = tuple(map(metrics.column, ("psnr", "ssim", "mse", "mae")))
PSNR_COLUMNS = (
    repcat.Column("psnr_3d", "PSNR-3D dB", "up", 2),
    repcat.Column("psnr_z", "PSNR z dB", "up", 2),
    repcat.Column("psnr_y", "PSNR y dB", "up", 2),
    repcat.Column("psnr_x", "PSNR x dB", "up", 2),
)
ERROR_COLUMNS = (
    repcat.Column("mse_2500", "MSE of 0..2500", "down", 0),
    repcat.Column("mae_2500", "MAE of 0..2500", "down", 0),
)
SHOWN = ("psnr", "psnr_3d", "ssim", "mse", "mae")
SLICE_GAIN = (
    "{} is a mean over slices, in which one without error counts 100 dB: "
    "+0.5 to +5 dB on chests over one error for the volume (psnr_3d has none of it)"
)
WIDE_WINDOW = "its window of 2500 HU gives the same error in HU 1.94 dB more than one of 2000 HU"


def integers(unit: Tensor) -> Tensor:
    """Turn values of 0..1 into int32 of 0..2500, truncated towards 0."""
    return (unit * SPAN).int()


def psnr_figures(difference: Tensor, peak: float) -> dict[str, float]:
    """Return PSNR of a difference (D, H, W) of integers: slice by slice, and `psnr_3d` at once."""
    squared = difference**2
    axes = [metrics.slice_psnr_of(squared, peak, axis) for axis in range(3)]
    return {
        "psnr": sum(axes) / 3,
        "psnr_3d": metrics.psnr_of(float(squared.mean()), peak, metrics.NO_ERROR_DB),
        **dict(zip(("psnr_z", "psnr_y", "psnr_x"), axes, strict=True)),
    }


def error_figures(difference: Tensor, suffix: str = "") -> dict[str, float]:
    """Return mean squared and mean absolute error of a difference, named with `suffix`."""
    return dict(zip((f"mse{suffix}", f"mae{suffix}"), metrics.mean_errors(difference), strict=True))
