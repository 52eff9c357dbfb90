"""Reprojection scores: does the prediction cast the X-rays it was made from?"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from repcat.errors import DataError
from repcat.geometry import Geometry, View
from repcat.hounsfield import attenuation
from repcat.scoring import metrics
from repcat.types import Projector


def reprojection(
    prediction_hu: Tensor,
    integrals: Tensor,
    projector: Projector,
    geometry: Geometry,
    views: tuple[View, ...],
    attenuate: Callable[[Tensor], Tensor] = attenuation,
) -> dict[str, float]:
    """Project a volume (D, H, W) in HU and compare it with the input views, mean over the views.

    `integrals` (N, rows, columns) are the patient's line integrals. Each pair of images is divided
    by the range of the true one: PSNR in dB, peak 1, and NCC. A volume can be faithful and wrong:
    the views leave much open.
    """
    seen = projector(attenuate(prediction_hu.float()), geometry, views)
    if seen.shape != integrals.shape:
        a, b = (" x ".join(map(str, v.shape)) for v in (seen, integrals))
        msg = f"the projector gives views of {a}, the dataset stores {b}; evaluate with its views"
        raise DataError(msg, code="other-views")
    psnrs, nccs = [], []
    for truth, image in zip(integrals.float(), seen.to(integrals.device), strict=True):
        span = float(truth.max() - truth.min()) or 1.0
        psnrs.append(metrics.psnr(truth / span, image / span))
        nccs.append(metrics.ncc(truth, image))
    psnr, ncc = sum(psnrs) / len(psnrs), sum(nccs) / len(nccs)
    return {"reprojection_psnr": psnr, "reprojection_ncc": ncc}
