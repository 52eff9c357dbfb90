"""Reprojection scores: does the prediction cast the X-rays it was made from?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from repcat.errors import DataError
from repcat.geometry import Geometry
from repcat.hounsfield import attenuation
from repcat.scoring import metrics
from repcat.types import Projector
from repcat.view import View


@dataclass(frozen=True, slots=True)
class Scene:
    """How X-rays of a volume are made: projector, geometry, views, and attenuation of HU."""

    projector: Projector
    geometry: Geometry
    views: tuple[View, ...]
    attenuate: Callable[[Tensor], Tensor] = attenuation

    def cast(self, hu: Tensor) -> Tensor:
        """Return the line integrals (N, rows, columns) of a volume (D, H, W) in HU."""
        return self.projector(self.attenuate(hu.float()), self.geometry, self.views)


def reprojection(seen: Tensor, integrals: Tensor) -> dict[str, float]:
    """Compare what a prediction casts with the input views, mean over the views.

    Both (N, rows, columns), line integrals, the second ones the patient's. Each pair of images is
    divided by the range of the true one: PSNR in dB, peak 1, and NCC. A volume can be faithful and
    wrong: the views leave much open.
    """
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
