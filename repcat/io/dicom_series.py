"""DICOM series: a predicted volume as derived, synthetic CT slices of no patient."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from repcat.errors import DataError
from repcat.geometry import Geometry
from repcat.io.notice import SYNTHETIC
from repcat.version import __version__

# Type 2 in the CT image's modules: must be there, may be empty. Nothing of a patient is invented.
EMPTY = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
    "Laterality",
    "PatientPosition",
    "KVP",
    "AcquisitionNumber",
    "PositionReferenceIndicator",
)


@dataclass(frozen=True, slots=True)
class Uids:
    """One study, one series, one frame of reference: fresh for every case."""

    study: str
    series: str
    frame: str


def write_series(folder: Path, hu: Tensor, geometry: Geometry) -> None:
    """Write HU (D, H, W) as one file a slice, from the feet upwards, centre at 0, 0, 0 mm.

    Raises:
        DataError: when pydicom is not installed (extra `dicom`).
    """
    try:
        import pydicom
    except ImportError:
        msg = "--dicom needs pydicom: pip install 'repcat[dicom]'"
        raise DataError(msg, code="extra-missing") from None
    new = pydicom.uid.generate_uid
    uids = Uids(new(prefix=None), new(prefix=None), new(prefix=None))
    folder.mkdir()
    values = hu.float().round().clamp(-32768, 32767).numpy().astype("<i2")
    for number, plane in enumerate(values):
        data = _slice(plane, number, geometry, uids)
        data.save_as(folder / f"{number + 1:04d}.dcm", enforce_file_format=True)


def _slice(plane: NDArray[np.int16], number: int, geometry: Geometry, uids: Uids) -> Any:  # noqa: ANN401
    """Make the dataset of one axial slice (H, W)."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    uid = generate_uid(prefix=None)
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = CTImageStorage
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = uid
    for name in EMPTY:
        setattr(data, name, "")
    _describe(data, uids, number)
    _place(data, number, geometry)
    _fill(data, plane)
    return data


def _describe(data: Any, uids: Uids, number: int) -> None:  # noqa: ANN401  (a pydicom Dataset)
    data.StudyInstanceUID, data.SeriesInstanceUID = uids.study, uids.series
    data.FrameOfReferenceUID = uids.frame
    data.Modality, data.SeriesNumber, data.InstanceNumber = "CT", 1, number + 1
    data.ImageType = ["DERIVED", "SECONDARY", "AXIAL"]
    data.Manufacturer, data.SoftwareVersions = "repcat", __version__
    data.SeriesDescription = data.StudyDescription = SYNTHETIC
    data.ImageComments = f"{SYNTHETIC}: not measured, predicted from X-rays"
    data.DerivationDescription = f"Predicted from X-rays by repcat; {SYNTHETIC}"
    data.BurnedInAnnotation = "NO"
    data.PatientIdentityRemoved = "YES"
    data.DeidentificationMethod = "no data of a patient were copied"


def _place(data: Any, number: int, geometry: Geometry) -> None:  # noqa: ANN401
    """Put a slice in LPS: columns go to the left, rows to the back, slices to the head."""
    z, y, x = (-(n - 1) / 2 * mm for n, mm in zip(geometry.voxels, geometry.voxel_mm, strict=True))
    dz, dy, dx = geometry.voxel_mm
    place = z + number * dz
    data.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    data.ImagePositionPatient = [_decimal(v) for v in (x, y, place)]
    data.PixelSpacing = [_decimal(dy), _decimal(dx)]
    data.SliceThickness = data.SpacingBetweenSlices = _decimal(dz)
    data.SliceLocation = _decimal(place)


def _fill(data: Any, plane: NDArray[np.int16]) -> None:  # noqa: ANN401
    data.Rows, data.Columns = plane.shape
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 16, 15
    data.PixelRepresentation = 1
    data.RescaleIntercept, data.RescaleSlope, data.RescaleType = "0", "1", "HU"
    data.PixelData = plane.tobytes()


def _decimal(value: float) -> str:
    """Write a number in the 16 letters that a decimal string may have."""
    return f"{value:.10g}"[:16]
