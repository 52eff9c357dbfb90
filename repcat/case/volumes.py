"""The volume of a case as .mha, .nii.gz and .npy, each in the same place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from torch import Tensor

from repcat.data.ct.upright import simpleitk
from repcat.data.ct.volumes import SYNTHETIC, write_mha
from repcat.errors import DataError
from repcat.geometry import Geometry

ISOCENTRE = (0.0, 0.0, 0.0)


def write_volumes(folder: Path, hu: Tensor, geometry: Geometry) -> None:
    """Write HU (D, H, W): int16 in LPS mm about the isocentre, and as float32 in volume.npy."""
    np.save(folder / "volume.npy", hu.float().numpy(), allow_pickle=False)
    mha = folder / "volume.mha"
    write_mha(mha, hu, geometry.voxel_mm, ISOCENTRE, SYNTHETIC)
    _write_nifti(mha, folder / "volume.nii.gz")


def _write_nifti(mha: Path, path: Path) -> None:
    """Write the same image as NIfTI; ITK turns LPS to NIfTI's RAS in the header."""
    sitk = simpleitk()
    image = sitk.ReadImage(str(mha))
    for key in image.GetMetaDataKeys():
        image.EraseMetaData(key)
    image.SetMetaData("ITK_FileNotes", SYNTHETIC)  # the header's field `descrip`
    try:
        sitk.WriteImage(image, str(path), True)
    except RuntimeError as error:
        msg = f"{path.name} cannot be written ({str(error)[-160:]}); is the disk full?"
        raise DataError(msg) from None
