"""CT reader: a volume in Hounsfield units and LPS axes from a file, read in a child process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from repcat.errors import DataError
from repcat.io.strangers.answer import Facts, nonsense
from repcat.io.strangers.apart import read_apart
from repcat.io.strangers.npy_file import read_npy

HERE = "repcat.data.ct"


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


def read_file(path: Path, *, large: bool = False) -> Volume:
    """Read NIfTI, MHA, MHD or NRRD. Oblique axes are resampled to LPS axes, with a note."""
    return _named("itk_files:read_volume", path, large=large)


def read_h5(path: Path, *, large: bool = False) -> Volume:
    """Read the volume of an X2CT-GAN file (`h5.py`)."""
    return _named("h5:read_volume", path, large=large)


def read_series(
    paths: Sequence[Path], notes: tuple[str, ...] = (), *, large: bool = False
) -> Volume:
    """Read the slices of one DICOM series, in the order of `Series.paths`."""
    return _volume(read_apart(f"{HERE}.dicom_reader:read_series", *paths, large=large), notes)


def check_header(path: Path, *, large: bool = False) -> None:
    """Raise DataError where the header already says that a file holds no CT."""
    read_apart(f"{HERE}.itk_files:read_header", path, large=large)


def read_hu(path: Path) -> Tensor:
    """Read a volume (D, H, W) in HU from `.npy`, or from any format that `prepare` takes."""
    if path.suffix != ".npy":
        return torch.as_tensor(read_file(path).hu).float()
    try:
        return torch.from_numpy(read_npy(path).astype(np.float32))
    except (DataError, ValueError):
        msg = f"{path} cannot be read as an array of numbers; make it again"
        raise DataError(msg, code="file-damaged") from None


def read_bound(path: Path) -> Tensor:
    """Read the lower or the upper end of an interval (D, H, W) in HU, which is no scan.

    Raises:
        DataError: where it is not int16, as repcat writes it.
    """
    try:
        array = read_apart(f"{HERE}.itk_files:read_numbers", path).array(3)
    except DataError as error:
        msg = f"{path.name}: {error}"
        raise DataError(msg, code=error.code) from None
    if array.dtype != np.int16:
        msg = f"{path} holds {array.dtype}, not the int16 that repcat writes; predict again"
        raise DataError(msg, code="file-damaged")
    return torch.from_numpy(array).float()


def _named(function: str, path: Path, *, large: bool) -> Volume:
    """Read a file; an error says its name first."""
    try:
        return _volume(read_apart(f"{HERE}.{function}", path, large=large))
    except DataError as error:
        msg = f"{path.name}: {error}"
        raise DataError(msg, code=error.code) from None


def _volume(facts: Facts, notes: tuple[str, ...] = ()) -> Volume:
    """Take a volume from a reading child."""
    hu, (z, y, x) = facts.array(3), facts.numbers("spacing_mm", 3)
    left, back, head = facts.numbers("centre_mm", 3)
    if hu.dtype != np.int16 or min(z, y, x) <= 0:
        raise nonsense()
    notes = (*notes, *facts.texts("notes"))
    return Volume(torch.from_numpy(hu), (z, y, x), (left, back, head), notes)
