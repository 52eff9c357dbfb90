"""Planes: the three middle slices of a volume as a radiologist reads them."""

from __future__ import annotations

from torch import Tensor

# Hounsfield units shown from black to white.
LUNG_TO_BONE = (-1000.0, 600.0)


def slices(volume_DHW: Tensor) -> dict[str, Tensor]:
    """Cut a volume in the middle, head or front up, along three planes.

    Coronal and axial have the patient's right on the image's left; the sagittal one faces left.
    """
    d, h, w = (n // 2 for n in volume_DHW.shape)
    return {
        "coronal": volume_DHW[:, h].flip(0),
        "axial": volume_DHW[d],
        "sagittal": volume_DHW[:, :, w].flip(0),
    }
