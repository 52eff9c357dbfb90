"""NIfTI: its header read before ITK does, which takes a voxel of no size for one of 1 mm."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path

from repcat.errors import DataError
from repcat.io.strangers.text_header import CUT, refuse

# Length of the header, then where dim, bitpix, pixdim and magic are: NIfTI-1 and NIfTI-2.
FORMS = {
    348: ("8h", 40, 72, "8f", 76, 344, b"n+1\0"),
    540: ("8q", 16, 14, "8d", 104, 4, b"n+2\0"),
}


def promised_by(path: Path) -> int:
    """Return how many bytes of voxels a NIfTI header promises.

    Raises:
        DataError: where it is none, or a voxel's side or a number of voxels is no possible one.
    """
    head = _head(path)
    for order in "<>":
        length = struct.unpack_from(f"{order}i", head)[0] if len(head) >= 348 else 0
        if length in FORMS and len(head) >= length:
            return _promise(head, order, *FORMS[length])
    raise _no_nifti()


def _promise(  # noqa: PLR0913  (where the fields of one version are)
    head: bytes, order: str, ints: str, dim: int, bitpix: int, reals: str, pixdim: int,
    magic: int, word: bytes,
) -> int:  # fmt: skip
    if not head.startswith(word, magic):
        raise _no_nifti()
    axes, *sides = struct.unpack_from(order + ints, head, dim)
    _, *pitches = struct.unpack_from(order + reals, head, pixdim)
    if not 1 <= axes <= 7 or min(sides[:axes]) < 1:
        refuse("dim")
    used = [mm for mm, n in zip(pitches[:3], sides[:axes], strict=False) if n > 1]
    if not all(math.isfinite(mm) and mm for mm in used):
        told = " x ".join(f"{mm:g}" for mm in used)
        msg = f"its header gives voxels of {told} mm; correct pixdim, or export it again"
        raise DataError(msg, code="voxel-size")
    bits: int = struct.unpack_from(f"{order}h", head, bitpix)[0]
    return int(math.prod(sides[:axes])) * max(bits, 8) // 8


def _head(path: Path) -> bytes:
    """Read the first bytes, unpacked where the name says so."""
    packed = path.name.lower().endswith(".gz")
    try:
        with gzip.open(path) if packed else path.open("rb") as file:
            return file.read(540)
    except (OSError, EOFError, zlib.error):
        raise _no_nifti() from None


def _no_nifti() -> DataError:
    return DataError(CUT, code="file-damaged")
