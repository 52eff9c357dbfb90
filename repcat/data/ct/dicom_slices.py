"""DICOM slice: what the header of one file says that sorting into series needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repcat.data.ct.dicom_pixels import read_header
from repcat.data.ct.known_words import modality_name
from repcat.errors import DataError
from repcat.io.strangers.answer import Facts
from repcat.io.strangers.apart import read_apart
from repcat.io.strangers.job import Answer, Job

CT_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
TAGS = {
    "patient": "0010|0020",
    "study": "0020|000d",
    "series": "0020|000e",
    "uid": "0008|0018",
    "modality": "0008|0060",
    "storage": "0008|0016",
    "kernel": "0018|1210",
    "image_type": "0008|0008",
    "bits": "0028|0101",
    "rescale": "0028|1053",
    "pixel_mm": "0028|0030",
    "orientation": "0020|0037",
    "position": "0020|0032",
}
STEEPEST = 100  # HU of a stored step: scanners write 1, some a fraction
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
    rescale: str
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
        if self.rescale and not any(0 < n <= STEEPEST for n in _numbers(self.rescale)):
            return "a rescale slope that no scanner writes: damaged or hostile; export it again"
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


def read_slice(path: Path, *, large: bool = False) -> Slice:
    """Read the header of a DICOM file that holds an image."""
    return slice_of(path, read_apart(f"{__name__}:read_tags", path, large=large))


def decoded(path: Path, *, large: bool = False) -> NDArray[Any]:
    """Return the pixels of a slice (rows, columns), rescale slope and intercept applied."""
    return read_apart("repcat.data.ct.dicom_pixels:read_pixels", path, large=large).array(2)


def read_tags(job: Job) -> Answer:
    """Read, in a reading child, the tags of one file that `slice_of` wants."""
    try:
        size, tag = read_header(job.path, large=job.large)
    except RuntimeError:
        msg = (
            "no image: the file is cut short or damaged (copy it again), or holds a report or plan"
        )
        raise DataError(msg, code="no-image") from None
    return Answer({"matrix": size, **{name: tag(key) for name, key in TAGS.items()}})


def slice_of(path: Path, facts: Facts) -> Slice:
    """Make a slice of what a header says."""
    patient, storage, bits = (facts.text(k) for k in ("patient", "storage", "bits"))
    columns, rows, *frames = (int(n) for n in facts.numbers("matrix"))
    return Slice(
        path=path,
        patient="" if patient.lower() in NOBODY else patient,
        study=facts.text("study"),
        series=facts.text("series"),
        uid=facts.text("uid"),
        modality=facts.text("modality") or ("CT" if storage == CT_STORAGE else "unknown"),
        storage=storage,
        kernel=facts.text("kernel").replace("\\", " "),
        image_type=facts.text("image_type").upper(),
        bits=int(bits) if bits.isdecimal() else 16,
        rescale=facts.text("rescale"),
        matrix=(columns, rows, *frames),
        pixel_mm=_numbers(facts.text("pixel_mm")),
        orientation=_numbers(facts.text("orientation")),
        position=_numbers(facts.text("position")),
    )


def _numbers(text: str) -> tuple[float, ...]:
    """Read DICOM's backslash-separated decimals; nothing where they are not numbers."""
    try:
        values = tuple(float(part) for part in text.split("\\") if part.strip())
    except ValueError:
        return ()
    return values if np.isfinite(values).all() else ()
