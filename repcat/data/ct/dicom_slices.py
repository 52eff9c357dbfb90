"""DICOM slice: what the header of one file says that sorting into series needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repcat.data.ct.dicom_pixels import read_header
from repcat.data.ct.known_words import modality_name
from repcat.errors import DataError

CT_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
# What de-identification puts in the place of a patient: no name for anybody.
NOBODY = {"", "0", "anon", "anonymous", "anonymized", "anonymised", "none", "unknown"}


@dataclass(frozen=True, slots=True)
class Slice:
    """What a header says. Stays inside this package: of its text only known words are shown.

    `matrix` is columns, rows, frames; `pixel_mm` the pitch of rows and of columns; `orientation`
    the directions along a row and down a column; `position` the centre of the first pixel, LPS mm.
    Empty where the header is silent.
    """

    path: Path
    patient: str
    study: str
    series: str
    uid: str
    modality: str
    storage: str
    kernel: str
    image_type: str
    bits: int
    matrix: tuple[int, ...]
    pixel_mm: tuple[float, ...]
    orientation: tuple[float, ...]
    position: tuple[float, ...]

    @property
    def normal(self) -> NDArray[np.float64]:
        """Return the unit vector (3,) along which slices are stacked."""
        across = np.cross(self.orientation[:3], self.orientation[3:])
        return np.asarray(across / np.linalg.norm(across))

    @property
    def _nowhere(self) -> str:
        """Say why the header does not place it in space, or nothing."""
        if not (len(self.position) == 3 and len(self.orientation) == 6 and len(self.pixel_mm) == 2):
            return "no position, orientation or pixel spacing in the header: not a slice"
        across, down = np.reshape(self.orientation, (2, 3))
        if np.abs([across @ across - 1, down @ down - 1, across @ down]).max() > 0.02:
            return "rows and columns are not at right angles in the header: export it again"
        if min(self.pixel_mm) <= 0:
            return "no pixel spacing above 0 in the header: export it again"
        return ""

    @property
    def picture(self) -> str:
        """Say why this is no slice of a volume, or nothing."""
        if self.modality != "CT":
            told = modality_name(self.modality) or "unknown"
            return f"modality {told}: only CT has Hounsfield units"
        if "LOCALIZER" in self.image_type or "SCOUT" in self.image_type:
            return "a localizer, not a slice"
        if self.storage.startswith(SECONDARY_CAPTURE) or "SCREEN SAVE" in self.image_type:
            return "a screen shot, not a slice"
        if self.matrix[2] > 1:
            return "many frames in one file (enhanced CT): convert it first, e.g. with dcm2niix"
        if self.bits <= 8:
            return f"{self.bits}-bit grey values, not Hounsfield units; export with 12 or more"
        return self._nowhere


def is_dicom(path: Path) -> bool:
    """Whether a file is DICOM by its preamble, or claims so by its name. DICOMDIR is an index."""
    if path.name.upper() == "DICOMDIR":
        return False
    try:
        with path.open("rb") as file:
            return file.read(132)[128:] == b"DICM" or path.suffix.lower() in {".dcm", ".dicom"}
    except OSError:
        return False


def read_slice(path: Path) -> Slice:
    """Read the header of a DICOM file that holds an image."""
    try:
        size, tag = read_header(path)
    except RuntimeError:
        msg = (
            "no image: the file is cut short or damaged (copy it again), or holds a report or plan"
        )
        raise DataError(msg, code="no-image") from None
    patient, storage = tag("0010|0020"), tag("0008|0016")
    return Slice(
        path=path,
        patient="" if patient.lower() in NOBODY else patient,
        study=tag("0020|000d"),
        series=tag("0020|000e"),
        uid=tag("0008|0018"),
        modality=tag("0008|0060") or "CT" * (storage == CT_STORAGE),
        storage=storage,
        kernel=tag("0018|1210").replace("\\", " "),
        image_type=tag("0008|0008").upper(),
        bits=int(tag("0028|0101") or 16),
        matrix=size,
        pixel_mm=_numbers(tag("0028|0030")),
        orientation=_numbers(tag("0020|0037")),
        position=_numbers(tag("0020|0032")),
    )


def _numbers(text: str) -> tuple[float, ...]:
    """Read DICOM's backslash-separated decimals; nothing where they are not numbers."""
    try:
        values = tuple(float(part) for part in text.split("\\") if part.strip())
    except ValueError:
        return ()
    return values if np.isfinite(values).all() else ()
