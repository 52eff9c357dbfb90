"""Misfit: what of a patient's header and tensors cannot be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from repcat.data.store.patient_file import Record


def misfit(record: Record) -> str:
    """Say what of a record does not fit the rest of it; empty where all does."""
    volume, integrals, scene = record.volume, record.integrals, record.geometry
    words = (record.source, record.settings, record.origin, *record.notes)
    if volume.dtype != torch.int16 or volume.shape != scene.voxels:
        return f"its volume is {volume.dtype} of {tuple(volume.shape)}, not of {scene.voxels}"
    if integrals.shape != (len(record.views), *scene.pixels):
        return f"its integrals are {tuple(integrals.shape)}, of {len(record.views)} views"
    if not bool(integrals.isfinite().all()):
        return "an integral is not finite"
    if not _is_place(record.centre_mm) or not _is_place(record.spacing_mm):
        return f"its centre is {record.centre_mm}, its spacing {record.spacing_mm}"
    if min(record.spacing_mm) <= 0:
        return f"its spacing is {record.spacing_mm}"
    if not all(isinstance(word, str) for word in words):
        return "its header holds what is no text"
    return ""


def _is_place(values: tuple[object, ...]) -> bool:
    numbers = [v for v in values if isinstance(v, int | float) and math.isfinite(v)]
    return len(values) == len(numbers) == 3
