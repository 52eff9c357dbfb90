"""Upright volume: numbers of any file turned to Hounsfield units on the patient's axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repcat.data.ct.hu_checks import to_hounsfield
from repcat.data.ct.reorient import to_lps_axes
from repcat.errors import DataError
from repcat.io.itk import Image, simpleitk
from repcat.io.strangers.job import Answer


@dataclass(frozen=True, slots=True)
class Upright:
    """What a reading child makes of a scan: the fields of a `Volume`, `hu` (D, H, W) in numpy."""

    hu: NDArray[np.int16]
    spacing_mm: tuple[float, ...]
    centre_mm: tuple[float, ...]
    notes: tuple[str, ...] = ()


def answer_of(found: Upright) -> Answer:
    """Make an answer, which `volume_of` in the parent takes."""
    facts = {"spacing_mm": found.spacing_mm, "centre_mm": found.centre_mm, "notes": found.notes}
    return Answer(facts, [found.hu])


def from_image(image: Image, notes: tuple[str, ...] = ()) -> Upright:
    """Turn a SimpleITK image of any direction upright; `notes` come before its own."""
    check_shape(image.GetSize(), image.GetNumberOfComponentsPerPixel())
    sitk = simpleitk()
    hu, found = to_hounsfield(sitk.GetArrayViewFromImage(image))
    clean = sitk.GetImageFromArray(hu)
    del hu
    clean.CopyInformation(image)
    upright, turned = to_lps_axes(clean)
    x, y, z = upright.GetSpacing()
    middle = [(n - 1) / 2 for n in upright.GetSize()]
    centre = upright.TransformContinuousIndexToPhysicalPoint(middle)
    array: NDArray[Any] = sitk.GetArrayFromImage(upright)
    return Upright(array, (z, y, x), tuple(centre), (*notes, *found, *turned))


def check_shape(size: tuple[int, ...], components: int = 1) -> None:
    """Raise DataError unless voxels (x, y, z) with so many components make one grey volume."""
    if len(size) != 3 or min(size) < 2:
        shape = " x ".join(map(str, size)) or "one number"
        msg = f"{shape} is not a volume: a CT has three axes of several voxels each"
    elif components > 1:
        msg = f"{components} numbers a voxel (colours?), not Hounsfield units; give the CT itself"
    else:
        return
    raise DataError(msg, code="not-a-volume")
