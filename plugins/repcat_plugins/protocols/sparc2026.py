"""sparc2026: what SPARC's evaluation code computes (2026; eval_metrics_csv, commit 31b97b9)."""

from __future__ import annotations

from torch import Tensor

import repcat
from repcat import metrics

WINDOW = repcat.Window(-1024.0, 1024.0)
NO_ERROR_DB = 120.0  # a mean squared error counts as 1e-12 or more


def sparc2026() -> repcat.Protocol:
    """Score as SPARC's evaluation does: whole HU of -1024..1024, one error, SSIM in 3D."""
    return repcat.Protocol(
        why="what SPARC's evaluation code computes of its model and five rivals, as read",
        window="-1024..1024 HU to 0..1",
        psnr="peak 1 over a range of 1, one error for the volume",
        ssim="3D, 7 x 7 x 7 windows, range 1; its tables print 100 times it",
        rounding="int16 of HU, truncated towards 0",
        clipping="truth and prediction",
        span=1.0,
        peak=1.0,
        columns=tuple(map(metrics.column, ("psnr", "ssim", "mse", "mae", "mae_hu"))),
        rule=rule,
        irreversible=(
            "it scores cubes of 256 voxels of 1.6 mm; here the grid is the run's, and at another "
            "size or field of view the figures stand beside none of its own",
            "its V views are 360/V degrees apart: four are two opposed pairs, 0/180 and 90/270",
        ),
    )


def rule(truth_hu: Tensor, window: repcat.Window) -> repcat.Scorer:
    """Truncate -1024..1024 HU to whole numbers, then bring them to [0, 1]; both are clipped."""

    def unit(hu: Tensor) -> Tensor:
        return WINDOW.to_unit(hu.clamp(WINDOW.low, WINDOW.high).trunc())

    truth = unit(truth_hu)
    return lambda prediction: figures(truth, unit(prediction))


def figures(truth: Tensor, prediction: Tensor) -> dict[str, float]:
    """Score volumes (D, H, W) in [0, 1] as SPARC's `eval_metrics_csv` does."""
    error, absolute = metrics.mean_errors(metrics.difference(truth, prediction))
    return {
        "psnr": min(metrics.psnr_of(error), NO_ERROR_DB),
        "ssim": metrics.cube_ssim(truth, prediction),
        "mse": error,
        "mae": absolute,
        "mae_hu": absolute * (WINDOW.high - WINDOW.low),
    }
