"""Hounsfield checks: are these numbers HU? What was done to them is undone or refused."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from repcat.errors import DataError

AIR = -1024  # what stands for "nothing measured here" in every volume that is read
CONTRAST = 3071  # the ceiling of 12-bit scanners: beyond it lies metal or dense contrast
FARTHEST = 65536  # what 16 bits hold, signed or not
PADDING = -1200  # below the noise of air: a scanner's mark for "outside the field of view"


def to_hounsfield(values: NDArray[Any]) -> tuple[NDArray[np.int16], tuple[str, ...]]:
    """Return int16 Hounsfield units, nothing below -1024, and what was done to get them.

    Padding becomes -1024; values with air at 0 (X2CT-GAN's) lose 1024. Grey values, masks and
    anything else without air are a DataError.
    """
    notes: list[str] = []
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        values = np.nan_to_num(values, nan=AIR, posinf=AIR, neginf=AIR)
        notes.append(f"voxels without a number set to {AIR}")
    low, high = float(values.min()), float(values.max())
    check_no_grey(values)
    if high - low < 500 or low < -FARTHEST or high > FARTHEST:
        few = "too few for Hounsfield units (air -1000, water 0)"
        fault = few if high - low < 500 else "no scanner's"
        msg = f"values run from {low:g} to {high:g}: {fault}; export the scan again"
        raise DataError(msg, code="no-hounsfield-units")
    if low >= 0:
        values = _shifted(values, high)
        notes.append("air stored as 0: 1024 subtracted")
        low, high = low - 1024, high - 1024
    if low < PADDING:
        notes.append(f"padding {low:g} set to {AIR}")
    if high > CONTRAST:
        notes.append(f"contrast or metal up to {high:g} HU")
    if values.dtype.kind == "f":
        values = np.rint(values)
    return np.clip(values, AIR, 32767).astype(np.int16, copy=False), tuple(notes)


def check_no_grey(values: NDArray[Any]) -> None:
    """Raise DataError for masks and for 8-bit grey values; a single slice is enough to tell."""
    low, high = values.min(), values.max()
    if low < 0 or high > 255:
        return
    span = f"values run from {low:g} to {high:g}"
    msg = (
        f"{span}: 8-bit grey values, not Hounsfield units, which cannot be won back; "
        "export the scan again with 16 bits; docs/messages.md#no-hounsfield-units"
    )
    if high <= 20 and values.dtype.kind in "iu":
        msg = f"{span}: a mask or a label map, not a CT; leave it out"
    raise DataError(msg, code="no-hounsfield-units")


def _shifted(values: NDArray[Any], high: float) -> NDArray[Any]:
    """Subtract 1024 where soft tissue shows that air was stored as 0, else raise DataError."""
    tissue = ((values > 900) & (values < 1200)).mean()
    if high <= 1000 or tissue < 0.05:
        msg = (
            f"values run from 0 or more to {high:g}, without air (-1000 HU) or tissue at 1024: "
            "not Hounsfield units, or cut off below; export the scan again without a window"
        )
        raise DataError(msg, code="no-hounsfield-units")
    return np.asarray(values.astype(np.float32 if values.dtype.kind == "f" else np.int32) - 1024)
