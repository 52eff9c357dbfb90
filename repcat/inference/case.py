"""Case: a reconstruction of somebody's films, all that is to be known of it, and its files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from repcat.errors import DataError
from repcat.geometry import Geometry
from repcat.inference.intervals import Interval
from repcat.io.atomic import atomic_folder
from repcat.io.dicom_series import write_series
from repcat.io.notice import SYNTHETIC
from repcat.io.tensors import save_table
from repcat.io.volumes import ISOCENTRE, write_mha, write_volumes
from repcat.radiographs.radiograph import Caution, Film
from repcat.report.pages.case import write_case as write_page
from repcat.types import Window
from repcat.version import __version__
from repcat.view import View

XRAYS, RECORD = "xrays.safetensors", "case.json"
VOLUMES = {"volume.mha", "volume.nii.gz", "volume.npy", "lower.mha", "upper.mha"}
KNOWN = {RECORD, XRAYS, *VOLUMES, "dicom", "report.html"}


@dataclass(frozen=True, slots=True)
class Origin:
    """Which model made it: the run's folder, the hash of its recipe, the step, its dataset.

    `engine` is what computed its backbone, with its version.
    """

    path: Path
    recipe_sha256: str
    step: int
    dataset: str
    engine: str = "eager"


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A volume from films; synthetic, research use only.

    `volume` is (D, H, W) in HU, axes as in Geometry, its centre at the isocentre, which is called
    0, 0, 0 mm. `given` and `reprojected` are (N, rows, columns) in [0, 1], the films as the model
    read them and the volume's own X-rays; `agreement` compares them. `films` keep what was done to
    each, `said` how its angle was given, both in the order of `views`. `interval` is there where
    the model has learnt quantiles and is calibrated; `interval_note` says what it promises of this
    case, or why there is none; empty for a model without quantiles.
    """

    volume: Tensor
    given: Tensor
    reprojected: Tensor
    agreement: tuple[Mapping[str, float], ...]
    views: tuple[View, ...]
    films: tuple[Film, ...]
    said: tuple[str, ...]
    cautions: tuple[Caution, ...]
    geometry: Geometry
    window: Window
    origin: Origin
    interval: Interval | None = None
    interval_note: str = ""

    def check_no_warnings(self) -> None:
        """Raise DataError where there is any warning: what --strict asks for."""
        if self.cautions:
            msg = "--strict: " + "; ".join(f"{c.code}: {c.text}" for c in self.cautions)
            raise DataError(msg, code="strict-warnings")

    def write(self, folder: Path | str, *, dicom: bool = False) -> Path:
        """Write volume.mha, .nii.gz and .npy (HU), xrays.safetensors, case.json, report.html.

        With an interval also lower.mha and upper.mha, with `dicom` a CT series in dicom/. A folder
        that holds a case is replaced; the new one is whole or not there.

        Raises:
            DataError: when the folder holds anything but a case, or cannot be written.
        """
        folder = Path(folder)
        check_free(folder)
        with atomic_folder(folder) as part:
            write_volumes(part, self.volume, self.geometry)
            for side, bound in self.interval.sides.items() if self.interval else ():
                note = f"{SYNTHETIC}: {side} end of an interval; {self.interval_note}"
                write_mha(part / f"{side}.mha", bound, self.geometry.voxel_mm, ISOCENTRE, note)
            xrays = {"given": self.given, "reprojected": self.reprojected}
            save_table(xrays, part / XRAYS, {"notice": SYNTHETIC})
            if dicom:
                write_series(part / "dicom", self.volume, self.geometry)
            files = sorted(p.name for p in part.iterdir())
            text = json.dumps(self._record([*files, RECORD]), indent=2, allow_nan=False)
            (part / RECORD).write_text(text + "\n", encoding="utf-8")
            write_page(part)
        return folder

    def _record(self, files: list[str]) -> dict[str, Any]:
        """Return what case.json holds; of the input files their base names and hashes alone."""
        origin, films = self.origin, zip(self.views, self.films, self.said, strict=True)
        return {
            "notice": SYNTHETIC,
            "repcat": __version__,
            "run": {
                "path": Path(origin.path).name or str(origin.path),
                "recipe": origin.recipe_sha256,
                "step": origin.step,
                "dataset": origin.dataset,
                "engine": origin.engine,
            },
            "views": [_view(*one) for one in films],
            "geometry": self.geometry.to_dict(),
            "window": [self.window.low, self.window.high],
            "warnings": [asdict(caution) for caution in self.cautions],
            "reprojection": [dict(row) for row in self.agreement],
            "files": files,
            **self._interval(),
        }

    def _interval(self) -> dict[str, Any]:
        """Return what case.json says of the interval; nothing for a model without quantiles."""
        if not self.interval_note:
            return {}
        found, note = self.interval, {"note": self.interval_note}
        if found is None:
            return {"interval": note}
        figures = {name: list(span) for name, span in found.figures.items()}
        known = {"calibrated": found.calibrated, "factor": found.factor, "figures": figures}
        return {"interval": {**note, **known}}


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


def _view(view: View, film: Film, said: str) -> dict[str, Any]:
    return {
        **view.to_dict(),
        "name": str(view),
        "file": film.name,
        "sha256": film.sha256,
        "given_as": said,
        "steps": list(film.steps),
    }
