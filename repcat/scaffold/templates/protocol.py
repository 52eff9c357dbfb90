"""A protocol of scoring for repcat: my_part."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Gt
from torch import Tensor
from typing_extensions import Doc

import repcat
from repcat import metrics


def my_part(
    *,
    low: Annotated[float, Doc("HU of 0")] = -160.0,
    width: Annotated[float, Gt(0), Doc("HU from 0 to 1")] = 400.0,
) -> repcat.Protocol:
    """Score soft tissue: a window of 400 HU about it, one error for the volume."""
    soft = repcat.Window(low, low + width)

    def rule(truth_hu: Tensor, window: repcat.Window) -> repcat.Scorer:
        truth = soft.to_unit(truth_hu)

        def score(prediction_hu: Tensor) -> dict[str, float]:
            prediction = soft.to_unit(prediction_hu)
            return {
                "psnr": metrics.psnr(truth, prediction),
                "ssim": metrics.ssim3d(truth, prediction),
                "mse": metrics.mse(truth, prediction),
                "mae": metrics.mae(truth, prediction),
                "soft_hu": metrics.mae(truth, prediction) * width,
            }

        return score

    return repcat.Protocol(
        why="whose figures these stand beside",
        window=f"{soft} to 0..1",
        psnr="peak 1 over a range of 1, one error for the volume",
        ssim="3D, Gaussian of 11 taps, sigma 1.5 voxels, range 1",
        rounding="none",
        clipping="truth and prediction",
        span=1.0,
        peak=1.0,
        columns=(
            *map(metrics.column, ("psnr", "ssim", "mse", "mae")),
            repcat.Column("soft_hu", "soft tissue MAE HU", "down", 0),
        ),
        rule=rule,
    )


@repcat.hookimpl
def repcat_register(parts: repcat.Parts) -> None:
    """Add the protocol under the name that a study knows it by."""
    parts.protocols.add("my_part", my_part)
