"""Equivalent blur: a PSNR as the Gaussian blur of the truth, in mm, that scores as badly."""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import accumulate
from operator import neg

import torch
from torch import Tensor

from repcat.scoring import metrics
from repcat.scoring.smoothing import blur
from repcat.types import Window

WIDEST_MM = 200.0


class BlurScale:
    """PSNR of one patient's truth against how far it is blurred, to read scores in mm.

    Over the voxels of `mask` (the body, where air would flatter), as `standard` computes it. Blurs
    from a quarter of a voxel to 200 mm; between them the scale is linear in log sigma.
    """

    def __init__(
        self,
        truth_hu: Tensor,
        voxel_mm: tuple[float, float, float],
        window: Window,
        mask: Tensor | None = None,
        points: int = 28,
    ) -> None:
        truth_hu = truth_hu.float()
        where: Tensor | slice = slice(None)
        if mask is not None:
            where = mask.flatten().nonzero().squeeze(1)
        truth = window.to_unit(truth_hu.flatten()[where])
        ends = (math.log(min(voxel_mm) / 4), math.log(WIDEST_MM))
        self.log_sigmas = torch.linspace(*ends, points, dtype=torch.float64).tolist()
        blurs = (blur(truth_hu, math.exp(s), voxel_mm) for s in self.log_sigmas)
        psnrs = (metrics.psnr(truth, window.to_unit(b.flatten()[where])) for b in blurs)
        # rounding may lift a wide blur by a hair; the scale must only fall
        self.psnrs = list(accumulate(psnrs, min))

    def millimetres(self, psnr: float) -> float:
        """Return the sigma in mm whose blurred truth has this PSNR.

        0 where the prediction is better than a blur of a quarter of a voxel, inf where no blur is
        as bad.
        """
        if psnr < self.psnrs[-1]:
            return math.inf
        if psnr > self.psnrs[0] or math.isinf(psnr):
            return 0.0
        k = bisect_left(self.psnrs, -psnr, key=neg)
        if self.psnrs[k] == psnr:
            return math.exp(self.log_sigmas[k])
        share = (self.psnrs[k - 1] - psnr) / (self.psnrs[k - 1] - self.psnrs[k])
        if math.isnan(share):
            return 0.0
        return math.exp(self.log_sigmas[k - 1] * (1 - share) + self.log_sigmas[k] * share)


def equivalent_blur_mm(
    truth_hu: Tensor,
    prediction_hu: Tensor,
    voxel_mm: tuple[float, float, float],
    window: Window = Window(),  # noqa: B008  (frozen)
    mask: Tensor | None = None,
) -> float:
    """Return the Gaussian sigma in mm that costs the truth as much PSNR as this prediction lost.

    Over `mask` where there is one. "As good as the truth blurred by 14 mm" says more than 19.8 dB.
    """
    truth, prediction = (window.to_unit(v) for v in (truth_hu, prediction_hu))
    scale = BlurScale(truth_hu, voxel_mm, window, mask)
    return scale.millimetres(metrics.psnr(truth, prediction, mask=mask))
