"""Synthetic radiographs in DICOM, and what the X-rays of a few phantoms are like."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from repcat.config.validate import check_recipe
from repcat.data.loader import PatientCache
from repcat.models.build import open_patients
from repcat.radiographs.training_reference import TrainingReference, fit_reference
from repcat.registry.plugins import load_parts


@pytest.fixture
def shades() -> np.ndarray:
    """A film of 60 x 50 pixels that is brighter to the left of the patient and to the feet."""
    rows, columns = np.mgrid[:60, :50]
    return (rows * 40 + columns * 11 + 100).astype(np.uint16)


@pytest.fixture
def write_film(tmp_path: Path) -> Callable[..., Path]:
    """Return a writer of CR files: stored pixels (rows, columns), header by keyword."""

    def write(pixels: np.ndarray, name: str = "film.dcm", **header: Any) -> Path:
        from pydicom.dataset import Dataset, FileMetaDataset
        from pydicom.uid import ExplicitVRLittleEndian, generate_uid

        data = Dataset()
        data.file_meta = FileMetaDataset()
        data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        uid = "1.2.840.10008.5.1.4.1.1.1"  # Computed Radiography Image Storage
        data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = uid
        data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        data.Modality, data.PatientName, data.PatientID = "CR", "Doe^Jane", "DOE-77"
        data.Rows, data.Columns = pixels.shape
        wide = 8 * pixels.dtype.itemsize
        data.BitsAllocated, data.BitsStored, data.HighBit = wide, wide, wide - 1
        data.PixelRepresentation, data.SamplesPerPixel = 0, 1
        data.PhotometricInterpretation = "MONOCHROME2"
        data.PixelData = pixels.tobytes()
        for key, value in header.items():
            if value is not None:
                setattr(data, key, value)
        data.save_as(tmp_path / name, enforce_file_format=True)
        return tmp_path / name

    return write


@pytest.fixture(scope="session")
def phantoms() -> PatientCache:
    """Phantoms of 24^3 with a frontal and a lateral view, 24 of them for training."""
    tables = {
        "data": {"use": "phantoms", "size": 24, "train": 24, "validation": 1, "test": 2},
        "mapper": {"use": "repeat_concat"},
        "backbone": {"use": "unet", "channels": [4, 8]},
        "objective": {"use": "l2"},
    }
    recipe = check_recipe(tables, "phantoms", load_parts())
    return PatientCache(open_patients(recipe, load_parts()), recipe)


@pytest.fixture(scope="session")
def reference(phantoms: PatientCache) -> TrainingReference:
    """What their training X-rays are like."""
    return fit_reference(phantoms)
