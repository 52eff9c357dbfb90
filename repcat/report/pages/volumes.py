"""Volumes page: files of CT, arrays of repcat, DICOM folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from repcat.data.ct.reader import read_hu
from repcat.data.ct.scan_discovery import UNKNOWN, find_scans
from repcat.errors import DataError
from repcat.report.html.document import Document
from repcat.report.html.viewer_data import Layer, Scene

MOST = 12  # volumes in one page
UNIT = (1.0, 1.0, 1.0)


def volumes_document(paths: Sequence[Path]) -> Document:
    """Gather volumes: one patient each, but side by side where they lie on one grid.

    Two on one grid are shown with their absolute difference. An .npy has no spacing: 1 mm, said.
    """
    layers: list[Layer] = []
    notes: list[str] = []
    for path in paths:
        _add(path, layers, notes)
    if len(layers) > MOST:
        msg = f"{len(layers)} volumes are too many for one page of {MOST}; name fewer files"
        raise DataError(msg, code="too-many-volumes")
    alike = len({(layer.hu.shape, layer.spacing_mm) for layer in layers}) == 1
    about = "; ".join(["Volumes in Hounsfield units", *dict.fromkeys(notes)])
    title = layers[0].name if len(layers) == 1 else f"{len(layers)} volumes"
    if alike and 2 <= len(layers) <= 3:
        against = (0, 1) if len(layers) == 2 else None
        return Document(title, about, (Scene(title, tuple(layers), (), against),))
    return Document(title, about, [Scene(layer.name, (layer,)) for layer in layers])


def _add(path: Path, layers: list[Layer], notes: list[str]) -> None:
    """Read what a path leads to; a folder may hold several scans."""
    if path.suffix == ".npy":
        array = read_hu(path)
        if array.ndim != 3:
            msg = f"{path} holds {array.ndim} axes, not a volume (D, H, W)"
            raise DataError(msg, code="not-a-volume")
        layers.append(Layer(path.name, array, UNIT))
        notes.append(f"{path.name} has no spacing: 1 mm is shown")
        return
    scans, skipped = find_scans([path])
    if not scans:
        names = ("" if s.label == path.name else f"{s.label}: " for s in skipped)
        told = "; ".join(name + s.reason for name, s in zip(names, skipped[:3], strict=False))
        msg = f"{path}: {told or 'it holds no CT'}".replace(UNKNOWN, f"{UNKNOWN}, .npy")
        raise DataError(msg, code="no-ct")
    for scan in scans[: MOST + 1]:
        volume = scan.read()
        layers.append(Layer(scan.label, volume.hu, volume.spacing_mm))
        notes.extend(f"{scan.label}: {note}" for note in volume.notes)
