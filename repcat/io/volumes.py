"""Volumes as .mha, .nii.gz and .npy, each in the same place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from repcat.errors import DataError
from repcat.geometry import Geometry
from repcat.io.atomic import atomic_file
from repcat.io.itk import Image, simpleitk
from repcat.io.notice import SYNTHETIC
from repcat.view import Vector

ISOCENTRE = (0.0, 0.0, 0.0)


def write_volumes(folder: Path, hu: Tensor, geometry: Geometry) -> None:
    """Write HU (D, H, W): int16 in LPS mm about the isocentre, and as float32 in volume.npy."""
    np.save(folder / "volume.npy", hu.float().numpy(), allow_pickle=False)
    write_mha(folder / "volume.mha", hu, geometry.voxel_mm, ISOCENTRE, SYNTHETIC)
    write_nifti(folder / "volume.nii.gz", hu, geometry.voxel_mm)


def to_image(hu: Tensor, spacing_mm: Vector, centre_mm: Vector) -> Image:
    """Return Hounsfield units (D, H, W) as an int16 image in LPS mm about `centre_mm` (x, y, z)."""
    array = hu.detach().cpu().float().round().clamp(-32768, 32767).to(torch.int16).numpy()
    image = simpleitk().GetImageFromArray(array)
    spacing = [float(mm) for mm in reversed(spacing_mm)]
    image.SetSpacing(spacing)
    edges = zip(centre_mm, image.GetSize(), spacing, strict=True)
    image.SetOrigin([c - (n - 1) / 2 * mm for c, n, mm in edges])
    return image


def write_mha(path: Path, hu: Tensor, spacing_mm: Vector, centre_mm: Vector, note: str) -> None:
    """Write Hounsfield units (D, H, W) as a compressed int16 .mha that lies where `centre_mm` says.

    Spacing goes z, y, x and centre x, y, z as in Volume. A `note` goes into the header's comment,
    with the words that the volume is synthetic. The file appears whole or not at all.
    """
    image = to_image(hu, spacing_mm, centre_mm)
    if note:
        words = " ".join(note.split())  # a line break would end the header's field
        image.SetMetaData("Comment", words if SYNTHETIC in words else f"{SYNTHETIC}: {words}")
    with atomic_file(path) as part:
        _write(image, part, path)


def write_nifti(path: Path, hu: Tensor, spacing_mm: Vector) -> None:
    """Write the same image about the isocentre as NIfTI; ITK turns LPS to NIfTI's RAS there.

    The bytes depend on the volume and its spacing alone.
    """
    image = to_image(hu, spacing_mm, ISOCENTRE)
    image.SetMetaData("ITK_FileNotes", SYNTHETIC)  # the header's field `descrip`
    _write(image, path, path.name)


def _write(image: Image, to: Path, name: Path | str) -> None:
    """Write an image, compressed; `name` is what an error calls the file."""
    try:
        simpleitk().WriteImage(image, str(to), True)
    except RuntimeError as error:
        reason = " ".join(str(error).rsplit("Reason:", maxsplit=1)[-1].split())[-160:]
        msg = f"{name} cannot be written ({reason}); is the disk full or the folder closed?"
        raise DataError(msg, code="cannot-write") from None
