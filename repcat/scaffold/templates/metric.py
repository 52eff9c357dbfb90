"""A metric for repcat: my_part."""

from __future__ import annotations

from typing import Annotated

from torch import Tensor
from typing_extensions import Doc

import repcat


def my_part(
    *, above: Annotated[float, Doc("HU from which a voxel of the truth counts")] = -300.0
) -> repcat.Metric:
    """Score the mean absolute error in HU of what is denser than air and lung."""

    def score(truth: Tensor, prediction: Tensor, geometry: repcat.Geometry) -> float:
        dense = truth > above
        if not dense.any():
            return 0.0
        return float((truth - prediction).abs()[dense].mean())

    return score


@repcat.hookimpl
def repcat_register(parts: repcat.Parts) -> None:
    """Add the metric under the name that a study knows it by."""
    parts.metrics.add("my_part", my_part)
