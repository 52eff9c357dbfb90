"""DICOM pixels: decoded, without a word from the libraries that decode them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repcat.errors import DataError
from repcat.io.volumes import ImageReader, simpleitk

Tag = Callable[[str], str]


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


def read_header(path: Path) -> tuple[tuple[int, ...], Tag]:
    """Return columns, rows and frames, and tags as text, empty where the header is silent.

    A RuntimeError says that there is no image.
    """
    reader = gdcm(path)
    with hushed():
        reader.ReadImageInformation()

    def tag(key: str) -> str:
        return reader.GetMetaData(key).strip(" \0") if reader.HasMetaDataKey(key) else ""

    return tuple(reader.GetSize()), tag


def gdcm(path: Path) -> ImageReader:
    """Prepare a GDCM reader for a file of any name."""
    reader = simpleitk().ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(str(path))
    return reader
