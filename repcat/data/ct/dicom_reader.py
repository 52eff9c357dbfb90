"""DICOM reader, in a reading child: the slices of one series as a volume."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repcat.data.ct.dicom_pixels import decode
from repcat.data.ct.dicom_slices import Slice, read_tags, slice_of
from repcat.data.ct.upright import answer_of, from_image
from repcat.io.itk import simpleitk
from repcat.io.strangers.answer import Facts
from repcat.io.strangers.job import Answer, Job


def read_series(job: Job) -> Answer:
    """Read, in a reading child, the slices of one series in the order of `Series.paths`."""
    paths = job.paths
    first, last = _header(job, paths[0]), _header(job, paths[-1])
    stack = np.empty((len(paths), first.matrix[1], first.matrix[0]), np.int16)
    for pixels, path in zip(stack, paths, strict=True):
        job.opens(path)
        values = decode(path, large=job.large)
        if values.dtype.kind == "f":
            values = np.rint(values)
        pixels[:] = np.clip(values, -32768, 32767)
    image = simpleitk().GetImageFromArray(stack)
    del stack
    rise = np.subtract(last.position, first.position) @ first.normal / (len(paths) - 1)
    image.SetSpacing([first.pixel_mm[1], first.pixel_mm[0], float(rise)])
    image.SetOrigin(first.position)
    image.SetDirection(_axes(first).ravel().tolist())
    return answer_of(from_image(image))


def _header(job: Job, path: Path) -> Slice:
    job.opens(path)
    return slice_of(path, Facts(read_tags(replace(job, paths=[path])).facts))


def _axes(one: Slice) -> NDArray[np.float64]:
    """Return the directions of columns, rows and slices as the columns of (3, 3), square."""
    along = np.asarray(one.orientation[:3]) / np.linalg.norm(one.orientation[:3])
    return np.stack((along, np.cross(one.normal, along), one.normal), axis=1)
