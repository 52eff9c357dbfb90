"""Small CT series on disk, one bright voxel in each corner, and where each of them lies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

# World positions (x, y, z: left, back, head) and the Hounsfield units that mark them.
CORNERS = {
    (i, j, k): 100 + 100 * n
    for n, (i, j, k) in enumerate((i, j, k) for k in (0, 1) for j in (0, 1) for i in (0, 1))
}
PLANES = {
    "bottom-up": (1, 0, 0, 0, 1, 0),
    "coronal": (1, 0, 0, 0, 0, -1),
    "sagittal": (0, 1, 0, 0, 0, -1),
    "feet on the right": (-1, 0, 0, 0, -1, 0),
}


@pytest.fixture
def corners() -> dict[tuple[int, int, int], int]:
    return CORNERS


@pytest.fixture
def marked() -> np.ndarray:
    """A volume (z, y, x) of air, in LPS, that has another value in each corner."""
    hu = np.full((12, 10, 8), -1000, np.int16)
    for (i, j, k), value in CORNERS.items():
        hu[-k, -j, -i] = value
    return hu


@pytest.fixture
def write_series(tmp_path: Path) -> Callable[..., list[Path]]:
    """Return a writer of DICOM series: pixels (slices, rows, columns) in HU, header by keyword."""

    def write(
        pixels: np.ndarray,
        folder: str = "series",
        plane: str = "bottom-up",
        origin: tuple[float, ...] = (0, 0, 0),
        mm: tuple[float, float, float] = (5, 2, 3),
        **header: Any,
    ) -> list[Path]:
        place = tmp_path / folder
        place.mkdir(parents=True, exist_ok=True)
        axes = np.asarray(PLANES[plane], float)
        normal = np.cross(axes[:3], axes[3:])
        paths = []
        for n, slice_ in enumerate(pixels):
            position = np.asarray(origin) + n * mm[0] * normal
            paths.append(place / f"{len(list(place.iterdir())):03d}.dcm")
            tags = {"SeriesInstanceUID": "1.2.3", "PatientID": "DOE-77", **header}
            _write(paths[-1], slice_, axes, position, mm[1:], tags)
        return paths

    return write


def _write(path: Path, hu: np.ndarray, axes: Any, position: Any, mm: Any, tags: Any) -> None:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = CTImageStorage
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    data.Modality, data.ImageType = "CT", ["ORIGINAL", "PRIMARY", "AXIAL"]
    data.PatientName, data.PatientBirthDate = "Doe^Jane", "19600102"
    data.StudyInstanceUID, data.ConvolutionKernel = "1.2", "B40f"
    data.Rows, data.Columns = hu.shape
    data.PixelSpacing = [str(m) for m in mm]
    data.ImageOrientationPatient = [f"{a:g}" for a in axes]
    data.ImagePositionPatient = [f"{p:.6g}" for p in position]
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 16, 15
    data.PixelRepresentation, data.SamplesPerPixel = 0, 1
    data.PhotometricInterpretation = "MONOCHROME2"
    data.RescaleSlope, data.RescaleIntercept = "1", "-1024"
    data.PixelData = (hu.astype(np.int32) + 1024).astype("<u2").tobytes()
    for name, value in tags.items():
        setattr(data, name, value)
    data.save_as(path, enforce_file_format=True)
