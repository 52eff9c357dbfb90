"""A reconstruction of somebody's films, and all that is to be known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from repcat.errors import DataError
from repcat.geometry import Geometry, View
from repcat.radiographs.finding import Caution
from repcat.radiographs.radiograph import Film
from repcat.types import Window


@dataclass(frozen=True, slots=True)
class Origin:
    """Which model made it: the run's folder, the hash of its recipe, the step, its dataset."""

    path: Path
    recipe_sha256: str
    step: int
    dataset: str


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A volume from films; synthetic, research use only.

    `volume` is (D, H, W) in HU, axes as in Geometry, its centre at the isocentre, which is called
    0, 0, 0 mm. `given` and `reprojected` are (N, rows, columns) in [0, 1], the films as the model
    read them and the volume's own X-rays; `agreement` compares them. `films` keep what was done to
    each, `said` how its angle was given, both in the order of `views`.
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

    def check_no_warnings(self) -> None:
        """Raise DataError where there is any warning: what --strict asks for."""
        if self.cautions:
            lines = [f"{c.code}: {c.text}" for c in self.cautions]
            msg = f"--strict: {'; '.join(lines)}"
            raise DataError(msg, code="strict-warnings")

    def write(self, folder: Path | str, *, dicom: bool = False) -> Path:
        """Write the case's files into a new folder, whole or not at all; see `case_files`.

        Raises:
            DataError: when the folder holds anything but a case, or cannot be written.
        """
        from repcat.inference.case_files import write_case

        return write_case(self, Path(folder), dicom=dicom)
