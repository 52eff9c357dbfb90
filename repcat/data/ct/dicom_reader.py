"""DICOM reader: the slices of one series as a volume."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repcat.data.ct.dicom_pixels import decode
from repcat.data.ct.dicom_slices import Slice, read_slice
from repcat.data.ct.reader import Volume, from_image
from repcat.io.volumes import simpleitk


def read_series(paths: Sequence[Path], notes: tuple[str, ...] = ()) -> Volume:
    """Read the slices of one series, in the order of `Series.paths`, into a Volume."""
    first, last = read_slice(paths[0]), read_slice(paths[-1])
    stack = np.empty((len(paths), first.matrix[1], first.matrix[0]), np.int16)
    for pixels, path in zip(stack, paths, strict=True):
        values = decode(path)
        if values.dtype.kind == "f":
            values = np.rint(values)
        pixels[:] = np.clip(values, -32768, 32767)
    image = simpleitk().GetImageFromArray(stack)
    del stack
    rise = np.subtract(last.position, first.position) @ first.normal / (len(paths) - 1)
    image.SetSpacing([first.pixel_mm[1], first.pixel_mm[0], float(rise)])
    image.SetOrigin(first.position)
    image.SetDirection(_axes(first).ravel().tolist())
    return from_image(image, notes)


def _axes(one: Slice) -> NDArray[np.float64]:
    """Return the directions of columns, rows and slices as the columns of (3, 3), square."""
    along = np.asarray(one.orientation[:3]) / np.linalg.norm(one.orientation[:3])
    return np.stack((along, np.cross(one.normal, along), one.normal), axis=1)
