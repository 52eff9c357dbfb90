"""DICOM radiographs (CR, DX, RF): view, laterality, spacing and grey values."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from repcat.data.ct.dicom_pixels import Tag, decode, read_header
from repcat.data.ct.known_words import modality_name
from repcat.errors import DataError
from repcat.io.strangers.job import Job
from repcat.io.strangers.promise import wants_memory
from repcat.radiographs.pixel_spacing import pitch_of
from repcat.radiographs.reading import Reading

LETTERS = set("LRPAHF")  # directions of the patient; in LPS in orientation.py
FILMS = {"CR", "DX", "RF", "RG", "XA", "OT", ""}
# PS3.3 C.8.1.1 (CR) and C.8.11.5 (DX): ViewPosition to repcat's names.
VIEWS = {"PA": "pa", "AP": "ap", "LL": "left_lateral", "RL": "right_lateral"}
VIEWS["LATERAL"] = VIEWS["LAT"] = "lateral"
CMS = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"  # PKCS #7 enveloped data, PS3.10: an encrypted file
# Faults that say it all; any other is of pixels that cannot be had.
TOLD = {"no-radiograph", "several-frames", "colour-picture", "nested-too-deep", "large-file"}
SEALED = b"\x00\x04\x00\x05"  # (0400,0500) Encrypted Attributes Sequence, little endian


def read_dicom(job: Job) -> Reading:
    """Read one film, in a reading child. MONOCHROME1 is inverted: bone is bright in it then.

    Raises:
        DataError: for another modality, several frames, encrypted, damaged or cut files.
    """
    tag, pixels = _decoded(job)
    mm, at_film, scale = pitch_of(tag)
    grey, pixels, read = _grey(tag, pixels)
    return Reading(
        pixels,
        mm=mm,
        grey=grey,
        view=_view(tag),
        axes=_axes(tag),
        steps=(*read, *scale),
        named=_is_named(job.path, tag),
        at_film=at_film,
    )


def _decoded(job: Job) -> tuple[Tag, NDArray[Any]]:
    with job.path.open("rb") as file:
        header = file.read(4096)
    if CMS in header[:256]:
        msg = "the DICOM file is encrypted; decrypt it first"
        raise DataError(msg, code="encrypted")
    try:
        size, tag = read_header(job.path, large=job.large)
        _check_no_other(tag, size)
        return tag, decode(job.path, large=job.large).astype("float32")
    except (RuntimeError, DataError) as error:
        if wants_memory(error) or getattr(error, "code", "") in TOLD:
            raise
        raise DataError(_why(header), code="file-damaged") from None


def _check_no_other(tag: Tag, size: tuple[int, ...]) -> None:
    modality = tag("0008|0060").upper()
    if modality not in FILMS:
        what = " (a slice, not an X-ray)" if modality in {"CT", "MR", "PT"} else ""
        msg = f"modality {modality_name(modality)}{what}: give a radiograph (CR, DX or RF)"
        raise DataError(msg, code="no-radiograph")
    if len(size) > 2 and size[2] > 1:
        msg = f"{size[2]} frames in one file: export the one frame that is meant"
        raise DataError(msg, code="several-frames")
    if int(tag("0028|0002") or 1) > 1:
        msg = "a colour picture, no radiograph; give the film itself"
        raise DataError(msg, code="colour-picture")


def _why(header: bytes) -> str:
    """Say what is wrong: other words than for a CT's slice where the file is encrypted or cut."""
    if SEALED in header:
        return "the DICOM file is encrypted; decrypt it first"
    return (
        "the pixels cannot be read: the DICOM file is cut short, damaged, or compressed in a way "
        "that GDCM does not know; copy it again or decompress it"
    )


def _view(tag: Tag) -> str | None:
    """Return the view that the header names, its side from the laterality where that is apart."""
    view = VIEWS.get(tag("0018|5101").upper())
    side = tag("0020|0062").upper() or tag("0020|0060").upper()
    if view == "lateral" and side in {"L", "R"}:
        return {"L": "left_lateral", "R": "right_lateral"}[side]
    return view


def _axes(tag: Tag) -> tuple[str, str] | None:
    """Return the main letters of PatientOrientation: where columns and rows are counted to."""
    letters = [part.strip()[:1].upper() for part in tag("0020|0020").split("\\")]
    if len(letters) != 2 or not all(one in LETTERS for one in letters):
        return None
    return letters[0], letters[1]


def _grey(tag: Tag, pixels: NDArray[Any]) -> tuple[str, NDArray[Any], tuple[str, ...]]:
    """Say what a bright pixel means; counts are given back as the detector stored them."""
    inverted = tag("0028|0004").upper() == "MONOCHROME1"
    if tag("0028|1040").upper() == "LIN" and tag("0028|1041") != "-1":
        if inverted:
            pixels = 2 ** int(tag("0028|0101") or 16) - 1 - pixels
        return "counts", pixels, ("PixelIntensityRelationship LIN: transmitted counts",)
    return "bone_bright", pixels, ("MONOCHROME1 inverted",) * inverted


def _is_named(path: Path, tag: Tag) -> bool:
    """Whether the file's name holds what the header keeps as identity, which stays there."""
    secret = {w.lower() for key in ("0010|0010", "0010|0020") for w in _words(tag(key))}
    return bool(secret & {w.lower() for w in _words(path.stem)})


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", text) if len(word) >= 3]
