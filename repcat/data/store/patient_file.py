"""Patient file: a safetensors file with everything in its header."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from repcat.data.store.misfit import misfit
from repcat.data.store.thumbnail import thumbnail
from repcat.errors import DataError
from repcat.geometry import Geometry
from repcat.io.atomic import atomic_file
from repcat.io.json_object import parse_object
from repcat.view import View

NOTICE = "research use only, not for diagnosis"
HEADER = "repcat"


@dataclass(frozen=True, slots=True)
class Record:
    """A prepared patient.

    `volume` is int16 (D, H, W) in HU; `integrals` float32 (N, rows, columns), without a unit;
    `centre_mm` (x, y, z) is the cube's centre in the scanner's LPS coordinates and `spacing_mm`
    (z, y, x) the scan's own; `settings` and `origin` are hashes of how it was made and from what.
    """

    volume: Tensor
    integrals: Tensor
    geometry: Geometry
    views: tuple[View, ...]
    centre_mm: tuple[float, float, float]
    spacing_mm: tuple[float, float, float]
    source: str = ""
    notes: tuple[str, ...] = ()
    settings: str = ""
    origin: str = ""


def write_patient(path: Path, record: Record) -> None:
    """Write a patient atomically.

    Integrals are divided by their largest value and kept as float16: relative error 5e-4 down to
    6e-5 of the largest. The bytes depend on nothing but the record.
    """
    scale = float(record.integrals.max().clamp(min=1e-6))
    volume = record.volume.to(torch.int16).contiguous()
    integrals = (record.integrals / scale).to(torch.float16).contiguous()
    header = {
        "notice": NOTICE,
        "geometry": record.geometry.to_dict(),
        "views": [v.to_dict() for v in record.views],
        "centre_mm": record.centre_mm,
        "spacing_mm": record.spacing_mm,
        "integral_scale": scale,
        "source": record.source,
        "notes": record.notes,
        "settings": record.settings,
        "origin": record.origin,
        "content": _hash(volume, integrals, scale),
        "thumbnail": thumbnail(volume),
    }
    # One key: the order of several is not fixed in the file, and equal records give equal bytes.
    text = json.dumps(header, sort_keys=True)
    with atomic_file(path) as part:
        part.write_bytes(save({"volume": volume, "integrals": integrals}, {HEADER: text}))


def read_patient(path: Path) -> Record:
    """Read a patient that `write_patient` wrote.

    Raises:
        DataError: where it is missing or damaged, or its header and tensors do not fit each other.
    """
    header = read_header(path)
    volume, integrals = _tensors(path)
    try:
        record = _record(header, volume, integrals)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from None
    if problem := misfit(record):
        raise _damaged(path, problem)
    return record


def _record(header: Mapping[str, Any], volume: Tensor, integrals: Tensor) -> Record:
    return Record(
        volume=volume,
        integrals=integrals.float() * header["integral_scale"],
        geometry=Geometry.from_dict(header["geometry"]),
        views=views_of(header["views"]),
        centre_mm=tuple(header["centre_mm"]),
        spacing_mm=tuple(header["spacing_mm"]),
        source=header["source"],
        notes=tuple(header["notes"]),
        settings=header["settings"],
        origin=header["origin"],
    )


def read_header(path: Path) -> dict[str, Any]:
    """Read what is known about a patient without the tensors; a file cut short is refused."""
    if not path.is_file():
        msg = f"{path} is missing; run the `repcat prepare` command of this dataset again"
        raise DataError(msg, code="patient-missing")
    try:
        with safe_open(path, framework="pt") as file:
            return parse_object((file.metadata() or {})[HEADER])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise _damaged(path, type(error).__name__) from None


def is_intact(path: Path) -> bool:
    """Whether the tensors are those that were written, by the hash in the header."""
    header, tensors = read_header(path), _tensors(path)
    return bool(_hash(*tensors, header.get("integral_scale", 0.0)) == header.get("content"))


def views_of(tables: list[dict[str, Any]]) -> tuple[View, ...]:
    """Read views as JSON and TOML hold them."""
    return tuple(View.from_dict(table) for table in tables)


def _tensors(path: Path) -> tuple[Tensor, Tensor]:
    try:
        with safe_open(path, framework="pt") as file:
            return file.get_tensor("volume"), file.get_tensor("integrals")
    except (OSError, SafetensorError) as error:
        raise _damaged(path, type(error).__name__) from None


def _damaged(path: Path, why: str) -> DataError:
    msg = (
        f"{path} is damaged or not written by `repcat prepare` ({why}); delete it and run the "
        "`repcat prepare` command of this dataset again"
    )
    return DataError(msg, code="patient-damaged")


def _hash(volume: Tensor, integrals: Tensor, scale: float) -> str:
    digest = hashlib.sha256(repr(scale).encode())
    for tensor in (volume, integrals):
        digest.update(tensor.numpy().tobytes())
    return digest.hexdigest()
