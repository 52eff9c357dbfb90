"""Trivial baselines: what costs nothing to predict; a score means little without them.

No paper of this field shows them; on ShapeNet retrieval beat the networks (Tatarchenko et al.
2019).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from repcat.contracts import Patients
from repcat.data.intensity import to_unit
from repcat.errors import DataError
from repcat.scoring.smoothing import blur
from repcat.types import Patient, Window

MEAN_VOLUME = "mean volume"
ORACLE_BLURS_MM = (10.0, 20.0)


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
            raise DataError(msg, code="no-patients")
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
            raise DataError(msg, code="other-size")
        return self.ids[int(((self.xrays - xray) ** 2).sum(dim=1).argmin())]

    def predictions(self, patient: Patient) -> dict[str, Tensor]:
        """Predict a patient (D, H, W) in HU in every way that has not seen its volume."""
        return {
            "constant": torch.full_like(self.mean, self.constant),
            MEAN_VOLUME: self.mean,
            "nearest patient": self.patients.load(self.nearest(patient)).volume.float(),
        }


def oracles(truth_hu: Tensor, voxel_mm: tuple[float, float, float]) -> dict[str, Tensor]:
    """Blur the truth itself by 10 and 20 mm: what a perfect but coarse reconstruction scores."""
    truth = truth_hu.float()
    return {oracle_name(mm): blur(truth, mm, voxel_mm) for mm in ORACLE_BLURS_MM}


def oracle_name(sigma_mm: float) -> str:
    """Return the method's name of the truth blurred by so many mm."""
    return f"truth blurred {sigma_mm:g} mm (oracle)"
