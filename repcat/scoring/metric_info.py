"""Column: what a figure of a table is called, in which unit, and which way is better."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from repcat.registry.plugins import load_parts
from repcat.scoring.intervals import Interval

Better = Literal["up", "down", "?"]


@dataclass(frozen=True, slots=True)
class Column:
    """One figure: its heading with unit, which way is better, and how many digits mean anything."""

    name: str
    heading: str
    better: Better
    digits: int = 3

    @property
    def arrow(self) -> str:
        """The heading with an arrow for the better direction."""
        return self.heading + {"up": " ↑", "down": " ↓", "?": ""}[self.better]


# What several protocols give, or repcat itself beside them; a protocol brings what is its own.
COLUMNS = {
    column.name: column
    for column in (
        Column("psnr", "PSNR dB", "up", 2),
        Column("ssim", "SSIM", "up"),
        Column("mse", "MSE", "down", 4),
        Column("mae", "MAE", "down", 4),
        Column("mae_hu", "MAE HU", "down", 0),
        Column("body_psnr", "body PSNR dB", "up", 2),
        Column("body_ssim", "body SSIM", "up"),
        Column("body_mse", "body MSE", "down", 4),
        Column("body_mae", "body MAE", "down", 4),
        Column("body_mae_hu", "body MAE HU", "down", 0),
        Column("body_bias_hu", "body mean error HU", "?", 0),
        Column("calibration_slope", "calibration slope", "?", 2),
        Column("contrast_ratio", "contrast / truth's", "?", 2),
        Column("equivalent_blur_mm", "equivalent blur mm", "down", 1),
        Column("reprojection_psnr", "X-ray PSNR dB", "up", 2),
        Column("reprojection_ncc", "X-ray NCC", "up", 4),
        Column("variance_ratio", "variance / truth's", "?", 2),
        Column("distance_ratio", "distance / truth's", "?", 2),
        Column("specific", "specific NCC", "up", 2),
        Column("repeat_ratio", "repeats / truth's", "?", 4),
        Column("nyquist", "Nyquist / truth's", "?", 2),
        Column("nyquist_z", "along z", "?", 2),
        Column("nyquist_y", "along y", "?", 2),
        Column("nyquist_x", "along x", "?", 2),
        Column("peak", "peak", "?", 2),
        Column("lattice", "lattice", "?", 2),
        Column("lattice_2", "2 voxels", "?", 2),
        Column("lattice_4", "4 voxels", "?", 2),
        Column("lattice_8", "8 voxels", "?", 2),
        Column("recovered", "X-rays recovered", "up", 3),
        Column("numbers", "numbers", "?", 0),
        Column("coverage", "coverage", "?", 3),
        Column("body_coverage", "body coverage", "?", 3),
        Column("lung_coverage", "lung coverage", "?", 3),
        Column("soft_coverage", "soft tissue coverage", "?", 3),
        Column("bone_coverage", "bone coverage", "?", 3),
        Column("width_hu", "width HU", "down", 0),
        Column("body_width_hu", "body width HU", "down", 0),
        Column("width_rank", "rank of error and width", "up", 2),
        Column("lung_ml", "lung ml", "?", 0),
        Column("true_lung_ml", "true lung ml", "?", 0),
        Column("lung_ml_width", "lung interval ml", "down", 0),
        Column("lung_ml_covered", "lung ml covered", "?", 2),
    )
}


def column(name: str) -> Column:
    """Return a figure's column; of a plugin's metric as its factory says which way is `better`."""
    if name in COLUMNS:
        return COLUMNS[name]
    part = load_parts().metrics.parts.get(name)
    better: Better = getattr(part.factory, "better", "?") if part else "?"
    return Column(name, name, better if better in ("up", "down") else "?", 4)


def interval_text(interval: Interval, figure: Column) -> str:
    """Write an interval on two lines: mean and deviation, then the interval of the mean.

    A PSNR without error is infinite, and so is the blur that is as bad as something hopeless.
    """
    if math.isnan(interval.mean):
        return "undefined"
    if not math.isfinite(interval.mean):
        return "no error" if figure.better == "up" else "beyond scale"
    d = figure.digits
    if math.isnan(interval.low):
        return f"{interval.mean:.{d}f}"
    first = f"{interval.mean:.{d}f} ± {interval.sd:.{d}f}"
    return f"{first}\n{interval.low:.{d}f}..{interval.high:.{d}f}"
