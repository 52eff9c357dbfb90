"""CT reader: a volume in Hounsfield units and LPS axes from a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from repcat.data.ct.hu_checks import to_hounsfield
from repcat.data.ct.nifti_checks import CUT, check_not_cut, notes_of
from repcat.data.ct.reorient import to_lps_axes
from repcat.errors import DataError
from repcat.io.volumes import Image, simpleitk


@dataclass(frozen=True, slots=True)
class Volume:
    """A scan as it was measured, each axis growing with LPS.

    `hu` is int16 (D, H, W) in Hounsfield units, z to the head, y to the back, x to the patient's
    left; `spacing_mm` goes z, y, x; `centre_mm` is where the centre of the volume lies in the
    scanner's LPS coordinates, x, y, z. `notes` say what a person should know of the reading.
    """

    hu: Tensor
    spacing_mm: tuple[float, float, float]
    centre_mm: tuple[float, float, float]
    notes: tuple[str, ...] = ()


def read_file(path: Path) -> Volume:
    """Read NIfTI, MHA, MHD or NRRD. Oblique axes are resampled to LPS axes, with a note."""
    if not path.exists():
        msg = f"{path}: there is no such file"
        raise DataError(msg, code="no-such-file")
    sitk = simpleitk()
    try:
        check_header(path)
        image = sitk.ReadImage(str(path))
        return from_image(image, notes_of(image))
    except RuntimeError as error:
        msg = f"{path.name}: {_why_unreadable(str(error))}"
        raise DataError(msg, code="file-damaged") from None
    except DataError as error:
        msg = f"{path.name}: {error}"
        raise DataError(msg, code=error.code) from None


def read_hu(path: Path) -> Tensor:
    """Read a volume (D, H, W) in HU from `.npy`, or from any format that `prepare` takes."""
    if path.suffix != ".npy":
        return torch.as_tensor(read_file(path).hu).float()
    try:
        return torch.from_numpy(np.load(path, allow_pickle=False).astype(np.float32))
    except (OSError, ValueError, EOFError) as error:
        msg = f"{path} cannot be read as an array ({error}); make it again"
        raise DataError(msg, code="file-damaged") from error


def check_header(path: Path) -> None:
    """Raise DataError where the header already says that a file holds no CT."""
    sitk = simpleitk()
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise DataError(_why_unreadable(str(error)), code="file-damaged") from None
    check_shape(reader.GetSize(), reader.GetNumberOfComponents())
    if reader.HasMetaDataKey("vox_offset"):
        check_not_cut(path, reader)
    if reader.GetPixelID() in (sitk.sitkUInt8, sitk.sitkInt8):
        msg = (
            "8-bit values, a picture or a mask, not Hounsfield units, which cannot be won back; "
            "export it with 16 bits, or leave it out; docs/messages.md#no-hounsfield-units"
        )
        raise DataError(msg, code="no-hounsfield-units")


def from_image(image: Image, notes: tuple[str, ...] = ()) -> Volume:
    """Turn a SimpleITK image of any direction into a Volume; `notes` come before its own."""
    check_shape(image.GetSize(), image.GetNumberOfComponentsPerPixel())
    sitk = simpleitk()
    hu, found = to_hounsfield(sitk.GetArrayViewFromImage(image))
    clean = sitk.GetImageFromArray(hu)
    clean.CopyInformation(image)
    upright, turned = to_lps_axes(clean)
    x, y, z = upright.GetSpacing()
    middle = [(n - 1) / 2 for n in upright.GetSize()]
    centre = upright.TransformContinuousIndexToPhysicalPoint(middle)
    array = torch.from_numpy(sitk.GetArrayFromImage(upright))
    return Volume(array, (z, y, x), tuple(centre), (*notes, *found, *turned))


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


def _why_unreadable(error: str) -> str:
    """Put ITK's error in words that help."""
    if "orthonormal" in error:
        return (
            "its axes are not at right angles (a tilted gantry?), which SimpleITK refuses; "
            "straighten it first, for example with dcm2niix"
        )
    return CUT
