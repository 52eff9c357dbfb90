"""NIfTI checks: what ITK passes over in silence, a cut file or no orientation."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from repcat.errors import DataError
from repcat.io.itk import Image, ImageReader
from repcat.io.strangers.text_header import CUT


def check_not_cut(path: Path, header: ImageReader) -> None:
    """Raise DataError where voxels are missing; nifti_io would read zeros in their place."""
    needed = _bytes(header)
    if path.name.lower().endswith(".nii"):
        whole = path.stat().st_size >= needed
    elif path.name.lower().endswith(".nii.gz"):
        whole = _ends_after(path, needed) or _unpacks(path, needed)
    else:
        return
    if not whole:
        raise DataError(CUT, code="file-cut")


def notes_of(image: Image) -> tuple[str, ...]:
    """Note a NIfTI file that does not say how the patient lies in it."""
    codes = [image.GetMetaData(k) for k in ("qform_code", "sform_code") if image.HasMetaDataKey(k)]
    unknown = bool(codes) and all(code == "0" for code in codes)
    return ("the file does not say how the patient lies: check the preview",) * unknown


def _bytes(header: ImageReader) -> int:
    """Return how long the unpacked file must be: where the voxels begin, and their size."""
    voxels = 1
    for n in header.GetSize():
        voxels *= max(1, n)
    start = int(float(header.GetMetaData("vox_offset")))
    return start + voxels * int(header.GetMetaData("bitpix")) // 8


def _ends_after(path: Path, length: int) -> bool:
    """Whether gzip's last four bytes, the unpacked length modulo 2^32, are as expected."""
    with path.open("rb") as file:
        file.seek(-4, 2)
        return int.from_bytes(file.read(4), "little") == length % 2**32


def _unpacks(path: Path, length: int) -> bool:
    """Unpack the whole file, for one of several gzip members or with bytes after the voxels."""
    found = 0
    try:
        with gzip.open(path) as file:
            while piece := file.read(1 << 20):
                found += len(piece)
    except (OSError, EOFError, zlib.error):
        return False
    return found >= length
