"""Reading a film from a file of any kind."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from repcat.data.ct.dicom_slices import is_dicom
from repcat.errors import DataError
from repcat.radiographs.dicom import CMS, read_dicom
from repcat.radiographs.image_files import PRINTED, SPACED, read_array, read_picture
from repcat.radiographs.radiograph import Film

# A caret is DICOM's between family and given name; eight digits may be a date of birth.
IDENTITY = re.compile(r"\^|(?<!\d)(19|20)\d\d[-_]?[01]\d[-_]?[0-3]\d(?!\d)")


def read_film(path: Path | str) -> Film:
    """Read a radiograph: DICOM, PNG, JPEG, TIFF, BMP, NIfTI, MHA, NRRD or .npy.

    Raises:
        DataError: when it is none, with the file's name in front.
    """
    path = Path(path)
    name = "".join(c if c.isprintable() else "?" for c in path.name)
    try:
        film = _reader(path)(path)
    except DataError as error:
        msg = f"{name}: {error}"
        raise DataError(msg, code=error.code) from None
    except OSError as error:
        msg = f"{name}: cannot be read: {error.strerror or error}"
        raise DataError(msg, code="file-unreadable") from None
    film = replace(film, name=path.name, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    if IDENTITY.search(path.name) and not any(c.code == "name" for c in film.cautions):
        text = "the file's name may identify the patient, and case.json keeps it: rename it"
        film = film.caution("name", text)
    return film


def _reader(path: Path) -> Callable[[Path], Film]:
    """Choose the reader by content, then by name."""
    if path.is_dir():
        msg = "a folder: name one file for each X-ray"
        raise DataError(msg, code="a-folder")
    if not path.exists():
        msg = "there is no such file"
        raise DataError(msg, code="no-such-file")
    suffix = path.suffix.lower()
    if is_dicom(path) or _encrypted(path):
        return read_dicom
    if suffix == ".npy":
        return read_array
    if suffix in PRINTED | SPACED:
        return read_picture
    kinds = ", ".join(sorted((PRINTED | SPACED | {".npy"}) - {".gz"}))
    msg = f"no kind of file that is known: give DICOM or {kinds}"
    raise DataError(msg, code="no-such-format")


def _encrypted(path: Path) -> bool:
    """Whether a file is DICOM in an encrypted envelope (PS3.15 B.7): it has no DICM preamble."""
    with path.open("rb") as file:
        return CMS in file.read(256)
