"""Image file: its header read by one reader of ITK, chosen by what the file is."""

from __future__ import annotations

import math
from pathlib import Path

from repcat.errors import DataError
from repcat.io.itk import ImageReader, simpleitk
from repcat.io.strangers import dicom, metaimage, nifti, nrrd
from repcat.io.strangers.promise import check_promise
from repcat.io.strangers.text_header import Claim

TEXT = {".mha": "Meta", ".mhd": "Meta", ".nrrd": "Nrrd", ".nhdr": "Nrrd"}
# How pictures begin; a name may be wrong.
PICTURES = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"BM": "BMP",
}


def open_image(path: Path, *, large: bool) -> ImageReader:
    """Return ITK's reader of a volume or picture, header read, promise held against the file.

    RuntimeError is ITK's; DataError says what no sound file holds.
    """
    suffix, size = path.suffix.lower(), path.stat().st_size
    if suffix in TEXT:
        claim = claim_of(path)
        held = claim.data.stat().st_size
        check_promise(claim.bytes, held, packed=claim.packed, large=large)
        return _reader(path, TEXT[suffix])
    if suffix in (".nii", ".gz"):
        check_promise(nifti.promised_by(path), size, packed=suffix == ".gz", large=large)
        return _reader(path, "Nifti")
    reader = _reader(path, _picture(path))
    width = simpleitk().Image([1, 1], reader.GetPixelID(), 1).GetSizeOfPixelComponent()
    promised = math.prod(reader.GetSize()) * width * reader.GetNumberOfComponents()
    check_promise(promised, size, packed=True, large=large)
    return reader


def open_dicom(path: Path, *, large: bool) -> ImageReader:
    """Return GDCM's reader of a DICOM file of any name in the same way."""
    dicom.check_depth(path)
    reader = _reader(path, "GDCM")
    key = "0028|0100"  # bits of a stored pixel; ITK's own are wider where there is a rescale slope
    bits = reader.GetMetaData(key).strip(" \0") if reader.HasMetaDataKey(key) else "16"
    pixels = math.prod(reader.GetSize()) * reader.GetNumberOfComponents()
    promised = pixels * (int(bits) if bits.isdigit() else 16) // 8
    size = path.stat().st_size
    check_promise(promised, size, packed=dicom.is_packed(path), large=large)
    return reader


def companions(path: Path) -> tuple[Path, ...]:
    """Return the file that holds the numbers of an MHD or NHDR header, if that is another."""
    if path.suffix.lower() not in TEXT:
        return ()
    data = claim_of(path).data
    return () if data == path else (data,)


def claim_of(path: Path) -> Claim:
    """Read what the header of a MetaImage or NRRD file claims."""
    read = metaimage.read_claim if TEXT[path.suffix.lower()] == "Meta" else nrrd.read_claim
    return read(path)


def _reader(path: Path, name: str) -> ImageReader:
    reader = simpleitk().ImageFileReader()
    reader.SetImageIO(f"{name}ImageIO")
    reader.SetFileName(str(path))
    reader.ReadImageInformation()
    return reader


def _picture(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(8)
    for magic, name in PICTURES.items():
        if start.startswith(magic):
            return name
    msg = "cannot be read: cut short, damaged, or not what its name says; export it again"
    raise DataError(msg, code="file-damaged")
