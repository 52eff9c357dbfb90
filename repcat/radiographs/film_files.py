"""Film files, in a reading child: which reader takes a file, by what is in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from repcat.data.ct.dicom_slices import is_dicom
from repcat.errors import DataError
from repcat.io.checksums import file_hash
from repcat.io.strangers.job import Answer, Job
from repcat.radiographs.dicom import CMS, read_dicom
from repcat.radiographs.image_files import PRINTED, SPACED, read_array, read_picture
from repcat.radiographs.reading import Reading


def read(job: Job) -> Answer:
    """Read a film of any kind, and the hash of its file."""
    return _reader(job.path)(job).answer(file_hash(job.path))


def _reader(path: Path) -> Callable[[Job], Reading]:
    """Choose the reader by content, then by name."""
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
