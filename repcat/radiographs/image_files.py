"""Image files, in a reading child: grey pixels of pictures, NIfTI, MHA, NRRD and .npy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repcat.errors import DataError
from repcat.io.itk import simpleitk
from repcat.io.strangers.image_file import open_image
from repcat.io.strangers.job import Job
from repcat.io.strangers.npy_file import read_npy
from repcat.io.strangers.promise import wants_memory
from repcat.radiographs.reading import Reading

# What SimpleITK reads; a picture's own pitch is the printer's, a volume's is the patient's.
PRINTED = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"}
SPACED = {".nii", ".gz", ".mha", ".mhd", ".nrrd"}
# How a whole file ends.
ENDS = {".png": b"IEND", ".jpg": b"\xff\xd9", ".jpeg": b"\xff\xd9"}
COLOUR = 0.02  # of the range, mean distance of the channels from grey: above it a photograph


def read_picture(job: Job) -> Reading:
    """Read a picture that SimpleITK knows; colours are refused, grey stored as colour is not."""
    path = job.path
    _check_not_cut(path)
    try:
        image = open_image(path, large=job.large).Execute()
    except RuntimeError as error:
        if wants_memory(error):
            raise
        msg = "cannot be read: cut short, damaged, or not what its name says; export it again"
        raise DataError(msg, code="file-damaged") from None
    pixels = np.asarray(simpleitk().GetArrayViewFromImage(image))
    many = image.GetNumberOfComponentsPerPixel()
    if many > 1 and pixels.size:
        pixels = _grey(pixels, many)
    mm = None
    if path.suffix.lower() in SPACED:
        mm = (float(image.GetSpacing()[1]), float(image.GetSpacing()[0]))
    return of_array(pixels, mm, grey=None)


def read_array(job: Job) -> Reading:
    """Read a .npy: floats are line integrals, whole numbers grey values as in a picture."""
    return of_array(read_npy(job.path))


def of_array(
    pixels: Any,  # noqa: ANN401  (whatever numpy can look at)
    mm: tuple[float, float] | None = None,
    grey: str | None = "by type",
) -> Reading:
    """Make a film of numbers (rows, columns), axes of length one left out."""
    values = np.squeeze(np.asarray(pixels))
    if values.ndim != 2 or values.dtype.kind not in "uif" or not values.size:
        shape = " x ".join(map(str, np.shape(pixels))) or "one number"
        what = "a volume or a stack" if values.ndim > 2 else "no picture"
        msg = f"{shape} is {what}, an X-ray has rows and columns of numbers; give one film"
        raise DataError(msg, code="not-an-image")
    if not np.isfinite(values).all():
        msg = "it has values that are no numbers (NaN or inf); set them to air first"
        raise DataError(msg, code="not-finite")
    if grey == "by type":
        grey = "integrals" if values.dtype.kind == "f" else None
    _check_not_negative(values, grey)
    if values.dtype.kind != "f":
        check_not_wrapped(values)
    return Reading(values.astype(np.float32), mm=mm, grey=grey)


def _check_not_negative(values: NDArray[Any], grey: str | None) -> None:
    """Raise DataError for Hounsfield units, and for line integrals that are none."""
    low, high = float(values.min()), float(values.max())
    span = f"values from {low:g} to {high:g}"
    if low < -200:
        msg = f"{span}, Hounsfield units: a CT slice; give an X-ray (`repcat prepare` projects CT)"
        raise DataError(msg, code="a-ct-slice")
    if grey == "integrals" and low < -0.05 * high:
        msg = f"{span}: line integrals are not below 0; give whole numbers for grey values"
        raise DataError(msg, code="negative-integrals")


def check_not_wrapped(values: NDArray[Any]) -> None:
    """Raise DataError where 16 bits were cut to 8: values that jump, or hardly any left.

    Keeping the low byte makes neighbours jump by half the range, keeping the high byte of 12 bits
    leaves 16 levels. A film has neither.
    """
    steps = np.abs(np.diff(values.astype(np.int32), axis=1))
    jumps = float((steps > 128).mean()) if values.dtype.itemsize == 1 and steps.size else 0.0
    levels = len(np.unique(values))
    if levels == 1:
        msg = "every pixel has the same value: nothing is on it"
    elif jumps > 0.1:
        msg = (
            f"{jumps:.0%} of its neighbouring pixels differ by more than half of the 8-bit range: "
            "16 bits were cut to 8; export it with 16, or scale it before saving"
        )
    elif levels < 24:
        msg = f"{levels} grey levels: a mask, or 16 bits cut to 8; export it with all its bits"
    else:
        return
    raise DataError(msg, code="bits-lost")


def _grey(pixels: NDArray[Any], channels: int) -> NDArray[Any]:
    """Return the one channel of grey stored as colour, alpha left out."""
    colours = pixels[..., : 3 if channels >= 3 else 1].astype(np.float32)
    span = float(np.ptp(colours)) or 1.0
    apart = float(np.abs(colours - colours.mean(-1, keepdims=True)).mean()) / span
    if apart > COLOUR:
        msg = (
            f"a colour picture (channels {apart:.0%} of the range apart): no radiograph; "
            "give the film itself, not a photograph of it"
        )
        raise DataError(msg, code="colour-picture")
    return np.asarray(pixels[..., 0])


def _check_not_cut(path: Path) -> None:
    """Raise DataError where a PNG or JPEG stops before its end, which decoders fill in silently."""
    end = ENDS.get(path.suffix.lower())
    if end is None:
        return
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - 4096))
        if end not in file.read():
            msg = "the file is cut short: copy or export it again"
            raise DataError(msg, code="file-cut")
