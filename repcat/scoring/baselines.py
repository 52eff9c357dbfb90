"""What costs nothing to predict: a score means something only beside these.

No paper of this field shows them; on ShapeNet retrieval beat the networks (Tatarchenko et al.
2019).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from operator import neg

import torch
from torch import Tensor

from repcat.contracts import Patients
from repcat.data.intensity import to_unit
from repcat.errors import DataError
from repcat.scoring import metrics
from repcat.scoring.smoothing import blur
from repcat.types import Patient, Window

ORACLE_BLURS_MM = (10.0, 20.0)
WIDEST_MM = 200.0


@dataclass(frozen=True)
class TrainingSet:
    """What the training split knows without a network.

    `mean` (D, H, W) and `constant` are in HU, of volumes clipped to the window, so each is the
    best of its kind by mean squared error; `xrays` (P, pixels) holds each patient's views in 0..1.
    """

    patients: Patients
    ids: tuple[str, ...]
    mean: Tensor
    constant: float
    xrays: Tensor
    normalise: Callable[[Tensor], Tensor]

    @classmethod
    def of(
        cls,
        patients: Patients,
        window: Window,
        normalise: Callable[[Tensor], Tensor] = to_unit,
        advance: Callable[[int, int], None] = lambda done, total: None,
    ) -> TrainingSet:
        """Read the training split once. `advance` is told how many patients are done, of how many.

        `normalise` turns line integrals into what the model reads, so nearness means the same.
        """
        ids = patients.ids("train")
        if not ids:
            msg = f"dataset {patients.name!r} has no training patients to make the baselines of"
            raise DataError(msg)
        total, xrays = torch.zeros(()), []
        for done, name in enumerate(ids, start=1):
            patient = patients.load(name)
            total = total + patient.volume.double().clamp(window.low, window.high)
            xrays.append(normalise(patient.integrals).flatten())
            advance(done, len(ids))
        mean = (total / len(ids)).float()
        return cls(patients, ids, mean, float(mean.mean()), torch.stack(xrays), normalise)

    def nearest(self, patient: Patient) -> str:
        """Return the training patient whose X-rays differ least, by L2 over all views."""
        xray = self.normalise(patient.integrals).flatten()
        if xray.shape != self.xrays.shape[1:]:
            msg = (
                f"patient {patient.id!r} has {len(xray)} pixels in all views, the training set "
                f"{self.xrays.shape[1]}; evaluate with the views and the size of the recipe"
            )
            raise DataError(msg)
        return self.ids[int(((self.xrays - xray) ** 2).sum(dim=1).argmin())]

    def predictions(self, patient: Patient) -> dict[str, Tensor]:
        """Predict a patient (D, H, W) in HU in every way that has not seen its volume."""
        return {
            "constant": torch.full_like(self.mean, self.constant),
            "mean volume": self.mean,
            "nearest patient": self.patients.load(self.nearest(patient)).volume.float(),
        }


def oracles(truth_hu: Tensor, voxel_mm: tuple[float, float, float]) -> dict[str, Tensor]:
    """Blur the truth itself by 10 and 20 mm: what a perfect but coarse reconstruction scores."""
    truth = truth_hu.float()
    return {oracle_name(mm): blur(truth, mm, voxel_mm) for mm in ORACLE_BLURS_MM}


def oracle_name(sigma_mm: float) -> str:
    """Return the method's name of the truth blurred by so many mm."""
    return f"truth blurred {sigma_mm:g} mm (oracle)"


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
        truth = window.to_unit(truth_hu)
        ends = (math.log(min(voxel_mm) / 4), math.log(WIDEST_MM))
        self.log_sigmas = torch.linspace(*ends, points, dtype=torch.float64).tolist()
        blurs = (blur(truth_hu, math.exp(s), voxel_mm) for s in self.log_sigmas)
        psnrs = (metrics.psnr(truth, window.to_unit(b), mask=mask) for b in blurs)
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
