"""Reorientation to the patient's axes (LPS): reordered and flipped, or resampled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from repcat.data.ct.hu_checks import AIR
from repcat.io.itk import Image, simpleitk


def to_lps_axes(image: Image) -> tuple[Image, tuple[str, ...]]:
    """Reorder and flip axes to LPS; resample where that leaves them turned by half a voxel."""
    sitk = simpleitk()
    image = sitk.DICOMOrient(image, "LPS")
    axes = np.asarray(image.GetDirection()).reshape(3, 3)
    spacing, size = np.asarray(image.GetSpacing()), np.asarray(image.GetSize())
    astray = np.abs(axes - np.eye(3)) @ (spacing * size / 2)
    if np.linalg.norm(astray) < spacing.min() / 2:
        return image, ()
    angle = np.degrees(np.arccos(np.clip((np.trace(axes) - 1) / 2, -1, 1)))
    note = f"rotated {angle:.1f} degrees: resampled to the patient's axes"
    return _resample(image, axes, spacing, size), (note,)


def _resample(image: Image, axes: NDArray[Any], spacing: NDArray[Any], size: NDArray[Any]) -> Image:
    """Sample a turned volume, linearly, in the upright box around it; air where it was not."""
    sitk = simpleitk()
    voxels = np.ceil(np.abs(axes) @ (size * spacing) / spacing - 1e-6).astype(int)
    centre = image.TransformContinuousIndexToPhysicalPoint([(int(n) - 1) / 2 for n in size])
    origin = np.asarray(centre) - (voxels - 1) / 2 * spacing
    box = (voxels.tolist(), sitk.Transform(), sitk.sitkLinear, origin.tolist(), spacing.tolist())
    return sitk.Resample(image, *box, np.eye(3).ravel().tolist(), float(AIR))
