"""DICOM files in memory."""

from __future__ import annotations

import io
from typing import Any

import numpy as np


def dicom_bytes(pixels: np.ndarray, modality: str, number: int = 0, **tags: Any) -> bytes:
    """Return a file of 16-bit pixels (rows, columns); tags by keyword."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    kinds = {"CT": "2", "CR": "1", "DX": "1.1"}
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID = f"1.2.840.10008.5.1.4.1.1.{kinds[modality]}"
    data.SOPInstanceUID = f"1.2.3.{number + 1}"
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    data.Modality, data.PatientName, data.PatientID = modality, "Doe^Jane", "DOE-77"
    data.Rows, data.Columns = pixels.shape
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 16, 15
    data.PixelRepresentation, data.SamplesPerPixel = 0, 1
    data.PhotometricInterpretation = "MONOCHROME2"
    data.PixelData = pixels.astype("<u2").tobytes()
    for name, value in tags.items():
        setattr(data, name, value)
    file = io.BytesIO()
    data.save_as(file, enforce_file_format=True)
    return file.getvalue()


def ct_slices(count: int = 4) -> list[bytes]:
    """Return the slices of a small CT."""
    chance = np.random.default_rng(0)
    tags = {
        "SeriesInstanceUID": "1.2.3",
        "StudyInstanceUID": "1.2",
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "ConvolutionKernel": "B40f",
        "PixelSpacing": ["2", "3"],
        "ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"],
        "RescaleSlope": "1",
        "RescaleIntercept": "-1024",
    }
    pixels = chance.integers(0, 2_000, (count, 8, 8)).astype(np.uint16)
    places = [{"ImagePositionPatient": ["0", "0", str(5 * n)]} for n in range(count)]
    return [dicom_bytes(p, "CT", n, **tags, **places[n]) for n, p in enumerate(pixels)]
