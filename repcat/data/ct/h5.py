"""HDF5 files of X2CT-GAN, `ct_xray_data.h5`: a volume, two X-rays, no spacing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from repcat.data.ct.hu_checks import to_hounsfield
from repcat.data.ct.upright import Upright, answer_of, check_shape
from repcat.errors import DataError
from repcat.io.strangers.job import Answer, Job
from repcat.io.strangers.promise import check_promise

CUBE_MM = 320.0  # X2CT crops or pads every patient to 320 voxels of 1 mm, then stores fewer


def read_volume(job: Job) -> Answer:
    """Read, in a reading child, the volume of an X2CT-GAN file, 320 mm a side, centred at zero.

    Its axes are z, y, x of an LPS volume; HU = value - 1024, air being 0. Which end is the head is
    taken from the frontal X-ray in the file, whose rows run from head to foot.
    """
    ct, frontal = _arrays(job)
    check_shape(tuple(reversed(ct.shape)))
    if float(ct.min()) < 0:
        msg = f"values down to {float(ct.min()):g}; X2CT-GAN stores air as 0; convert to .mha"
        raise DataError(msg, code="not-x2ct-values")
    hu, notes = to_hounsfield(ct)
    if frontal is not None and _runs_from_head(ct, frontal):
        hu = np.ascontiguousarray(hu[::-1])
        notes = (*notes, "slices ran from head to foot, as its X-ray shows: turned")
    depth, height, width = hu.shape
    spacing = (CUBE_MM / depth, CUBE_MM / height, CUBE_MM / width)
    notes = (*notes, f"spacing: {CUBE_MM:g} mm a side")
    return answer_of(Upright(hu, spacing, (0.0, 0.0, 0.0), notes))


def _arrays(job: Job) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """Return `ct` and, where there is one, `xray1`."""
    try:
        import h5py
    except ImportError:
        msg = "HDF5 files need h5py: pip install 'repcat[h5]'"
        raise DataError(msg, code="extra-missing") from None
    try:
        with h5py.File(job.path, "r") as file:
            held = {k: file[k] for k in ("ct", "xray1") if _is_inside(file, k)}
            found = {k: _numbers(job, d) for k, d in held.items() if d.dtype.kind in "iuf"}
    except OSError:
        msg = "not a whole HDF5 file; copy it again"
        raise DataError(msg, code="file-damaged") from None
    if "ct" not in found:
        msg = "holds no 'ct' of numbers, as X2CT-GAN's files do; convert it to .mha"
        raise DataError(msg, code="no-ct-in-file")
    ct, frontal = found["ct"].astype(np.float32), found.get("xray1")
    return ct, frontal.astype(np.float32) if frontal is not None and frontal.ndim == 2 else None


def _is_inside(file: Any, name: str) -> bool:  # noqa: ANN401  (h5py has no types)
    """Whether a dataset of that name is in the file itself: HDF5 may link to any other."""
    import h5py

    if not isinstance(file.get(name, getlink=True), h5py.HardLink):
        return False
    held = file[name]
    return isinstance(held, h5py.Dataset) and not held.external and not held.is_virtual


def _numbers(job: Job, held: Any) -> NDArray[Any]:  # noqa: ANN401
    size, packed = job.path.stat().st_size, held.chunks is not None
    check_promise(held.size * held.dtype.itemsize, size, packed=packed, large=job.large)
    return np.asarray(np.squeeze(held[()]))


def _runs_from_head(ct: NDArray[np.float32], frontal: NDArray[np.float32]) -> bool:
    """Whether the first slice is the head's: which way the X-ray's rows follow the volume's."""
    slices = ct.mean(axis=(1, 2))
    places = np.linspace(0, len(frontal) - 1, len(slices))
    rows = np.interp(places, np.arange(len(frontal)), frontal.mean(axis=1))
    rows, slices = rows - rows.mean(), slices - slices.mean()
    return float(rows @ slices) > float(rows[::-1] @ slices)
