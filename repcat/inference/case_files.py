"""case.json: what went in, what was done, what came out; no identity of a patient."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from repcat.errors import DataError
from repcat.geometry import View
from repcat.inference.case import Case
from repcat.io.atomic import atomic_folder
from repcat.io.dicom_series import write_series
from repcat.io.notice import SYNTHETIC
from repcat.io.tensors import save_table
from repcat.io.volumes import write_volumes
from repcat.radiographs.radiograph import Film
from repcat.report.pages.case import write_case as write_page
from repcat.version import __version__


def record(case: Case, files: list[str]) -> dict[str, Any]:
    """Return what case.json holds; of the input files their base names and hashes alone."""
    origin = case.origin
    return {
        "notice": SYNTHETIC,
        "repcat": __version__,
        "run": {
            "path": Path(origin.path).name or str(origin.path),
            "recipe": origin.recipe_sha256,
            "step": origin.step,
            "dataset": origin.dataset,
        },
        "views": [
            _view(view, film, said)
            for view, film, said in zip(case.views, case.films, case.said, strict=True)
        ],
        "geometry": case.geometry.to_dict(),
        "window": [case.window.low, case.window.high],
        "warnings": [caution.to_dict() for caution in case.cautions],
        "reprojection": [dict(row) for row in case.agreement],
        "files": files,
    }


def _view(view: View, film: Film, said: str) -> dict[str, Any]:
    return {
        "azimuth": view.azimuth,
        "mirrored": view.mirrored,
        "name": str(view),
        "file": film.name,
        "sha256": film.sha256,
        "given_as": said,
        "steps": list(film.steps),
    }


XRAYS = "xrays.safetensors"
RECORD = "case.json"
KNOWN = {RECORD, XRAYS, "volume.mha", "volume.nii.gz", "volume.npy", "dicom", "report.html"}


def write_case(case: Case, folder: Path, *, dicom: bool = False) -> Path:
    """Write volume.mha, volume.nii.gz, volume.npy (HU), xrays.safetensors, case.json, report.html.

    With `dicom` also a CT series in dicom/. A folder that holds a case is replaced.

    Raises:
        DataError: when the folder holds anything else, or cannot be written.
    """
    check_free(folder)
    with atomic_folder(folder) as part:
        write_volumes(part, case.volume, case.geometry)
        _write_xrays(case, part / XRAYS)
        if dicom:
            write_series(part / "dicom", case.volume, case.geometry)
        files = sorted(p.name for p in part.iterdir())
        text = json.dumps(record(case, [*files, RECORD]), indent=2, allow_nan=False)
        (part / RECORD).write_text(text + "\n", encoding="utf-8")
        write_page(part)
    return folder


def check_free(folder: Path) -> None:
    """Raise DataError where a folder holds anything that is not a case's."""
    if not folder.exists():
        return
    if not folder.is_dir():
        msg = f"{folder} is a file; choose another --out"
        raise DataError(msg, code="folder-taken")
    inside = {p.name for p in folder.iterdir()}
    if inside and (RECORD not in inside or inside - KNOWN):
        msg = f"{folder} holds other files, which would be lost; choose another --out"
        raise DataError(msg, code="folder-taken")


def _write_xrays(case: Case, file: Path) -> None:
    tensors = {"given": case.given, "reprojected": case.reprojected}
    save_table(tensors, file, {"notice": SYNTHETIC})
