"""ITK's files, in a reading child: NIfTI, MHA, MHD and NRRD, header and volume."""

from __future__ import annotations

from pathlib import Path

from repcat.data.ct.nifti_checks import check_not_cut, notes_of
from repcat.data.ct.upright import answer_of, check_shape, from_image
from repcat.errors import DataError
from repcat.io.itk import ImageReader, simpleitk
from repcat.io.strangers.image_file import open_image
from repcat.io.strangers.job import Answer, Job
from repcat.io.strangers.promise import wants_memory
from repcat.io.strangers.text_header import CUT


def read_header(job: Job) -> Answer:
    """Look whether the header already says that a file holds no CT; a DataError says so."""
    try:
        _open(job.path, large=job.large)
    except RuntimeError as error:
        raise _unreadable(error) from None
    return Answer({})


def read_volume(job: Job) -> Answer:
    """Read a volume. Oblique axes are resampled to LPS axes, with a note."""
    try:
        image = _open(job.path, large=job.large).Execute()
        return answer_of(from_image(image, notes_of(image)))
    except RuntimeError as error:
        raise _unreadable(error) from None


def read_numbers(job: Job) -> Answer:
    """Read a volume of repcat's own as it is stored, int16 in LPS axes, whatever its numbers."""
    try:
        image = _open(job.path, large=job.large).Execute()
    except RuntimeError as error:
        raise _unreadable(error) from None
    return Answer({}, [simpleitk().GetArrayFromImage(image)])


def _open(path: Path, *, large: bool) -> ImageReader:
    sitk, reader = simpleitk(), open_image(path, large=large)
    check_shape(reader.GetSize(), reader.GetNumberOfComponents())
    if reader.HasMetaDataKey("vox_offset"):
        check_not_cut(path, reader)
    if reader.GetPixelID() in (sitk.sitkUInt8, sitk.sitkInt8):
        msg = (
            "8-bit values, a picture or a mask, not Hounsfield units, which cannot be won back; "
            "export it with 16 bits, or leave it out; docs/messages.md#no-hounsfield-units"
        )
        raise DataError(msg, code="no-hounsfield-units")
    return reader


def _unreadable(error: RuntimeError) -> Exception:
    """Put ITK's error in words that help; want of memory is the reading child's to tell."""
    if wants_memory(error):
        return MemoryError()
    msg = CUT
    if "orthonormal" in str(error):
        msg = (
            "its axes are not at right angles (a tilted gantry?), which SimpleITK refuses; "
            "straighten it first, for example with dcm2niix"
        )
    return DataError(msg, code="file-damaged")
