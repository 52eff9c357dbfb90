"""DICOM files as GDCM reads them, in a reading child: tags as text, pixels decoded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repcat.errors import DataError
from repcat.io.itk import simpleitk
from repcat.io.strangers.image_file import open_dicom
from repcat.io.strangers.job import Answer, Job
from repcat.io.strangers.promise import wants_memory

Tag = Callable[[str], str]


def read_pixels(job: Job) -> Answer:
    """Read the pixels of one file (rows, columns)."""
    return Answer({}, [decode(job.path, large=job.large)])


def decode(path: Path, *, large: bool) -> NDArray[Any]:
    """Return the pixels (rows, columns), rescale slope and intercept applied."""
    try:
        image = open_dicom(path, large=large).Execute()
    except RuntimeError as error:
        if wants_memory(error):
            raise MemoryError from None
        msg = (
            f"the pixels of {path.name} cannot be decoded: the file is damaged, or compressed "
            "in a way that GDCM does not know; copy or decompress it again"
        )
        raise DataError(msg, code="pixels-undecodable") from None
    pixels: NDArray[Any] = simpleitk().GetArrayFromImage(image)
    return np.asarray(pixels[0])


def read_header(path: Path, *, large: bool) -> tuple[tuple[int, ...], Tag]:
    """Return columns, rows and frames, and tags as text, empty where the header is silent.

    A RuntimeError says that there is no image.
    """
    reader = open_dicom(path, large=large)

    def tag(key: str) -> str:
        return reader.GetMetaData(key).strip(" \0") if reader.HasMetaDataKey(key) else ""

    return tuple(reader.GetSize()), tag
