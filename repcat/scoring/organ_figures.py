"""Organ figures: numbers of a whole volume that a person asks for, such as millilitres of lung."""

from __future__ import annotations

import math

from torch import Tensor

from repcat.errors import DataError
from repcat.geometry import Geometry
from repcat.scoring.body_mask import body_mask

AIR_HU = -500.0  # what of the body lies below is air: lung and airways, at any breath


def organ_figures(hu: Tensor, geometry: Geometry) -> dict[str, float]:
    """Return the figures of a volume (D, H, W) in HU by name: `lung_ml`.

    Air inside the body: lung and windpipe, and gas in the bowel where the volume reaches down to
    it. NaN where there is no body.
    """
    try:
        body = body_mask(hu)
    except DataError:
        return {"lung_ml": math.nan}
    voxel_ml = math.prod(geometry.voxel_mm) / 1000
    return {"lung_ml": float(((hu < AIR_HU) & body).sum()) * voxel_ml}
