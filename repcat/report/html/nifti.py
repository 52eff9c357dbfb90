"""Gzipped NIfTI-1 in memory: what the viewer in a page reads."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from torch import Tensor
from torch.nn import functional as F

from repcat.io.volumes import write_nifti

Spacing = tuple[float, float, float]


def nifti(hu: Tensor, spacing_mm: Spacing) -> bytes:
    """Return HU (D, H, W), in LPS axes as in Volume, as int16; spacing goes z, y, x in mm.

    World zero is the middle of the volume, so that nothing of the scanner is told.
    """
    with TemporaryDirectory() as folder:
        file = Path(folder) / "volume.nii.gz"
        write_nifti(file, hu, spacing_mm)
        return file.read_bytes()


def coarsened(hu: Tensor, spacing_mm: Spacing, voxels: int) -> tuple[Tensor, Spacing]:
    """Average a volume (D, H, W) over blocks until it has at most so many voxels.

    The extent in mm stays; a volume that is small enough comes back as it is.
    """
    factor = 1
    while _count(hu, factor) > voxels:
        factor += 1
    if factor == 1:
        return hu, spacing_mm
    size = [-(-n // factor) for n in hu.shape]
    small = F.interpolate(hu[None, None].float(), size=size, mode="area")[0, 0]
    z, y, x = (mm * n / m for mm, n, m in zip(spacing_mm, hu.shape, size, strict=True))
    return small, (z, y, x)


def _count(hu: Tensor, factor: int) -> int:
    d, h, w = (-(-n // factor) for n in hu.shape)
    return d * h * w
