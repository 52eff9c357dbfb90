"""DICOM pixels: decoded, without a word from the libraries that decode them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from repcat.errors import DataError
from repcat.io.volumes import simpleitk

if TYPE_CHECKING:
    from pathlib import Path

    import SimpleITK


def decode(path: Path) -> NDArray[Any]:
    """Return the pixels (rows, columns), rescale slope and intercept applied."""
    try:
        with hushed():
            image = gdcm(path).Execute()
    except RuntimeError:
        msg = (
            f"the pixels of {path.name} cannot be decoded: the file is damaged, or compressed "
            "in a way that GDCM does not know; copy or decompress it again"
        )
        raise DataError(msg, code="pixels-undecodable") from None
    pixels: NDArray[Any] = simpleitk().GetArrayFromImage(image)
    return np.asarray(pixels[0])


@contextmanager
def hushed() -> Iterator[None]:
    """Keep what JPEG codecs print from C, past every setting of ITK, off the terminal."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def gdcm(path: Path) -> SimpleITK.ImageFileReader:
    """Prepare a GDCM reader for a file of any name."""
    reader = simpleitk().ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(str(path))
    return reader
