"""A CT series and two films whose every text tag holds a marker, wherever DICOM lets text stand."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

# What says how to read the pixels: it must be true, and cannot be a marker.
STRUCTURE = {
    "SpecificCharacterSet", "SOPClassUID", "Modality", "PhotometricInterpretation", "PixelData",
    "TransferSyntaxUID", "MediaStorageSOPClassUID",
}  # fmt: skip
LUTS = {"ModalityLUTSequence", "VOILUTSequence"}  # tables that change grey values
NUMBERS_OF_PIXELS = {0x0018, 0x0020, 0x0028, 0x0054}
NO_DATASET = {0x0000, 0x0002, 0x0004, 0xFFFA, 0xFFFC, 0xFFFE}
CT = {
    "Modality": "CT", "RescaleSlope": "1", "RescaleIntercept": "-1024",
    "PixelSpacing": ["16", "16"],
    "ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"],
    "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL", "NAMELESS"],
}  # fmt: skip
OWN = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "ConvolutionKernel")
TEXT = {"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"}


@dataclass
class Planter:
    """Writes markers, each of them once, and keeps their list."""

    markers: set[str] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=count)

    def value(self, vr: str) -> str | None:
        """Return a new marker as this kind of tag may hold it, or nothing where it holds none."""
        n = next(self.numbers)
        day = f"{date(1700, 1, 1) + timedelta(n):%Y%m%d}"
        number, time = f"99887{n:05d}", f"235959.{n:06d}"
        kinds = dict.fromkeys(TEXT, (f"ZQ{n:05d}QZ",) * 2) | {
            "DA": (day, day), "DT": (day, day), "TM": (time, time), "AS": ("987Y", "987Y"),
            "UI": (f"1.2.840.{number}", number), "IS": (number, number), "DS": (number, number),
        }  # fmt: skip
        if vr not in kinds:
            return None
        value, marker = kinds[vr]
        self.markers.add(marker)
        return value

    def everywhere(self, data: Any) -> Any:
        """Put a marker into each tag of DICOM's dictionary that may hold text, and deeper ones."""
        from pydicom.datadict import DicomDictionary

        for tag, (vr, _, _, _, keyword) in DicomDictionary.items():
            pixels = vr in {"IS", "DS"} and tag >> 16 in NUMBERS_OF_PIXELS
            if tag >> 16 in NO_DATASET or keyword in STRUCTURE | LUTS or tag in data or pixels:
                continue
            value = [self.item(0)] if vr == "SQ" else self.value(vr)
            if value is not None:
                data.add_new(tag, vr, value)
        block = data.private_block(0x0099, self.value("LO"), create=True)
        block.add_new(1, "LT", self.value("LT"))
        for element, vr in ((2, "OB"), (3, "UN")):
            block.add_new(element, vr, self.value("LO").encode())
        block.add_new(4, "SQ", [self.item(3)])
        return data

    def item(self, depth: int) -> Any:
        """Return an item of a sequence: text, and so many items inside each other."""
        from pydicom.dataset import Dataset

        item = Dataset()
        item.CodeMeaning = self.value("LO")
        if depth:
            item.ConceptCodeSequence = [self.item(depth - 1)]
        return item


def chest(number: int = 0) -> np.ndarray:
    """Return HU of a trunk with lungs; of another number, of another patient."""
    z, y, x = np.meshgrid(*[(np.arange(n) - (n - 1) / 2) * 16 for n in (20, 18, 20)], indexing="ij")
    hu = np.full(x.shape, -1000)
    hu[(x / (100 + 20 * number)) ** 2 + (y / (70 + 10 * number)) ** 2 < 1] = 30
    for side in (-1, 1):
        lung = ((x - side * (45 + 9 * number)) / 35) ** 2 + (y / 45) ** 2
        hu[lung + ((z - 30 * number) / (100 - 15 * number)) ** 2 < 1] = -850
    return (hu + np.random.default_rng(0).integers(-20, 20, hu.shape)).astype(np.int16)


@dataclass(frozen=True)
class Planted:
    """Folders `ct`, of series that can be read, and `refused`; films `*.dcm`, `pa.png`."""

    folder: Path
    markers: frozenset[str]


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    pytest.importorskip("pydicom", reason="pydicom is not installed: pip install 'repcat[dicom]'")
    folder, planter, hu = tmp_path_factory.mktemp("planted"), Planter(), chest()
    bare = base(
        "1.2.840.10008.5.1.4.1.1.2",
        hu[0].shape,
        **CT,
        **dict.fromkeys((*OWN, "SOPInstanceUID"), ""),
    )
    slices = planter.everywhere(deepcopy(bare)), bare
    for n, name in enumerate(("one", "two", "three")):
        write_series(planter, slices, folder / "ct" / name, chest(n))
    write_series(planter, slices, folder / "refused" / "gaps", hu[[0, 1, 2, 9, 10, 19]])
    slices[0].Modality = bare.Modality = planter.value("CS")
    write_series(planter, slices, folder / "refused" / "other", hu[:3])
    pixels = np.kron(hu[::-1].sum(1) + 20000, np.ones((2, 2), int))
    film = planter.everywhere(base("1.2.840.10008.5.1.4.1.1.1.1", pixels.shape, Modality="DX"))
    for name in ("pa", "lat"):
        save(film, folder / f"{name}.dcm", pixels)
    film.Modality = planter.value("CS")
    save(film, folder / "odd.dcm", pixels)
    write_picture(planter, folder / "pa.png", pixels)
    return Planted(folder, frozenset(planter.markers))


def base(storage: str, shape: tuple[int, ...], **tags: Any) -> Any:
    from pydicom.dataset import Dataset, FileMetaDataset

    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = storage
    data.Rows, data.Columns = shape
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 16, 15
    data.PixelRepresentation, data.SamplesPerPixel = 0, 1
    data.PhotometricInterpretation = "MONOCHROME2"
    for name, value in tags.items():
        setattr(data, name, value)
    return data


def write_series(planter: Planter, slices: Any, folder: Path, hu: np.ndarray) -> None:
    """Write slices of 16 mm of a patient of their own, all that is planted in every tenth."""
    folder.mkdir(parents=True)
    for name in OWN:
        value = planter.value(slices[0][name].VR)
        for data in slices:
            setattr(data, name, value)
    for n, pixels in enumerate(hu):
        data = slices[n % 10 != 0]
        data.SOPInstanceUID = planter.value("UI")
        data.ImagePositionPatient = ["0", "0", str(n * 16)]
        save(data, folder / f"{n}.dcm", pixels.astype(int) + 1024)


def save(data: Any, path: Path, pixels: np.ndarray) -> None:
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    data.PixelData = pixels.clip(0, 65535).astype("<u2").tobytes()
    data.save_as(path, enforce_file_format=True)


def write_picture(planter: Planter, path: Path, pixels: np.ndarray) -> None:
    """Write a PNG with text of three kinds, as pictures carry it from program to program."""
    from PIL import Image, PngImagePlugin

    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", planter.value("LO"))
    texts.add_text("Comment", planter.value("LO"), zip=True)
    texts.add_itxt("Title", planter.value("LO"))
    Image.fromarray(pixels.astype(np.uint16)).save(path, pnginfo=texts)
