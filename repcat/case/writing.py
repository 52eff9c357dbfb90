"""The files of a case, in a folder that is whole or not there."""

from __future__ import annotations

import json
from pathlib import Path

from repcat.case.case import Case
from repcat.case.record import record
from repcat.case.series import write_series
from repcat.case.volumes import write_volumes
from repcat.errors import DataError
from repcat.files import whole_folder
from repcat.report.page import write_case as write_page
from repcat.safetensor import save_table

XRAYS = "xrays.safetensors"
RECORD = "case.json"
KNOWN = {RECORD, XRAYS, "volume.mha", "volume.nii.gz", "volume.npy", "dicom", "report.html"}


def write_case(case: Case, folder: Path, *, dicom: bool = False) -> Path:
    """Write volume.mha, volume.nii.gz, volume.npy (HU), xrays.safetensors, case.json, report.html.

    With `dicom` also a CT series in dicom/. A folder that holds a case is replaced.

    Raises:
        DataError: when the folder holds anything else, or cannot be written.
    """
    refuse_taken(folder)
    with whole_folder(folder) as part:
        write_volumes(part, case.volume, case.geometry)
        _write_xrays(case, part / XRAYS)
        if dicom:
            write_series(part / "dicom", case.volume, case.geometry)
        files = sorted(p.name for p in part.iterdir())
        text = json.dumps(record(case, [*files, RECORD]), indent=2, allow_nan=False)
        (part / RECORD).write_text(text + "\n", encoding="utf-8")
        write_page(part)
    return folder


def refuse_taken(folder: Path) -> None:
    """Raise DataError where a folder holds anything that is not a case's."""
    if not folder.exists():
        return
    if not folder.is_dir():
        msg = f"{folder} is a file; choose another --out"
        raise DataError(msg)
    inside = {p.name for p in folder.iterdir()}
    if inside and (RECORD not in inside or inside - KNOWN):
        msg = f"{folder} holds other files, which would be lost; choose another --out"
        raise DataError(msg)


def _write_xrays(case: Case, file: Path) -> None:
    tensors = {"given": case.given, "reprojected": case.reprojected}
    save_table(tensors, file, {"notice": "synthetic, research use only"})
