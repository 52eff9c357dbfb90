"""Reprojection: does the volume cast the films it was made from?"""

from __future__ import annotations

from torch import Tensor

from repcat.config.recipe import Recipe
from repcat.data.intensity import to_unit_of
from repcat.radiographs.training_reference import TrainingReference
from repcat.scoring import metrics
from repcat.types import Projector
from repcat.view import View


def reproject(
    volume_hu: Tensor,
    views: tuple[View, ...],
    recipe: Recipe,
    reference: TrainingReference,
    project: Projector,
) -> Tensor:
    """Project a volume (D, H, W) in HU to images (N, rows, columns) in [0, 1], as the model reads.

    The projector is the recipe's, the scene and the attenuation those of its dataset.
    """
    integrals = project(reference.attenuate(volume_hu), reference.geometry, views)
    return to_unit_of(recipe.data)(integrals.cpu())


def agreement(
    given: Tensor, reprojected: Tensor, views: tuple[View, ...]
) -> tuple[dict[str, float], ...]:
    """Compare (N, rows, columns) with (N, rows, columns), both in [0, 1], a view at a time.

    PSNR in dB, peak 1, and NCC. A volume can agree and be wrong: the views leave much open.
    """
    return tuple(
        {
            "azimuth": view.azimuth,
            "psnr": min(metrics.psnr(truth, image), metrics.NO_ERROR_DB),
            "ncc": metrics.ncc(truth, image),
        }
        for view, truth, image in zip(views, given, reprojected, strict=True)
    )
