"""No patient identity leaves the DICOM header, and none can be guessed from what does."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from repcat.data.ct.scan_discovery import find_scans
from repcat.data.prepare.pipeline import Report, prepare
from repcat.data.prepare.settings import Settings
from repcat.data.prepare.splits import parse_split
from repcat.figures.preview import draw_preview
from repcat.view import View

Writer = Callable[..., list[Path]]

SECRETS = {
    "PatientName": "Zyxname^Jane",
    "PatientID": "MRN778899",
    "PatientBirthDate": "19610203",
    "StudyDate": "20210405",
    "SeriesDate": "20210406",
    "AcquisitionDate": "20210407",
    "ContentDate": "20210408",
    "AccessionNumber": "ACC5544",
    "InstitutionName": "Hospital Qwert",
    "ReferringPhysicianName": "Drdoc^Who",
    "StudyInstanceUID": "1.2.840.99.1234",
    "SeriesInstanceUID": "1.2.840.99.5678",
    "StudyID": "SID4321",
    "StudyDescription": "Descstudy",
    "SeriesDescription": "Descseries",
    "PatientComments": "Commenty",
    "StationName": "STAT99",
}


def chest(seed: int = 0) -> np.ndarray:
    grid = [(np.arange(n) - (n - 1) / 2) * 8 for n in (40, 36, 40)]
    z, y, x = np.meshgrid(*grid, indexing="ij")
    hu = np.full(x.shape, -1000)
    hu[(x / 100) ** 2 + (y / 70) ** 2 < 1] = 30
    for side in (-1, 1):
        hu[((x - side * 45) / 35) ** 2 + (y / 45) ** 2 + (z / 100) ** 2 < 1] = -850
    return (hu + np.random.default_rng(seed).integers(-20, 20, hu.shape)).astype(np.int16)


def run(source: Path, out: Path) -> Report:
    settings = Settings(size=16, views=(View(0.0), View(90.0)))
    return prepare([source], out, settings, parse_split("1,0,0"), preview=draw_preview)


def test_nothing_that_prepare_writes_or_says_names_the_patient(
    tmp_path: Path, write_series: Writer
) -> None:
    write_series(chest(), "in/a", mm=(8, 8, 8), **SECRETS)
    gaps = write_series(chest(), "in/b", mm=(8, 8, 8), **{**SECRETS, "SeriesInstanceUID": "1.9"})
    for path in gaps[5:9]:
        path.unlink()
    report = run(tmp_path / "in", tmp_path / "d")
    assert (len(report.prepared), len(report.skipped)) == (1, 1)
    files = [f for f in (tmp_path / "d").rglob("*") if f.is_file()]
    said = repr(report).encode() + b"".join(f.name.encode() + f.read_bytes() for f in files)
    with Image.open(next((tmp_path / "d/previews").iterdir())) as picture:
        said += repr(picture.info).encode()
    words = {part for value in SECRETS.values() for part in (value, *value.split("^"))}
    bare = SECRETS["PatientID"].encode()
    words |= {hashlib.new(h, bare).hexdigest()[:12] for h in ("md5", "sha1", "sha256")}
    assert [w for w in words if w.encode() in said or w.encode("utf-16le") in said] == []


def test_the_same_patient_id_on_other_pixels_has_another_key(write_series: Writer) -> None:
    keys = set()
    for seed in (0, 1):
        folder = write_series(chest(seed), f"in{seed}", mm=(8, 8, 8))[0].parent
        keys |= {scan.patient for scan in find_scans([folder])[0]}
    assert len(keys) == 2


def test_the_same_files_have_the_same_key_anywhere(tmp_path: Path, write_series: Writer) -> None:
    folder = write_series(chest(), "in", mm=(8, 8, 8))[0].parent
    write_series(chest(1), "in", mm=(8, 8, 8), SeriesInstanceUID="1.9")
    copy = Path(shutil.copytree(folder, tmp_path / "far" / "away"))
    for path in copy.iterdir():
        path.rename(path.with_name(f"x{path.stem}"))
    (one, other), (moved, last) = find_scans([folder])[0], find_scans([copy])[0]
    assert one.patient == other.patient == moved.patient == last.patient


@pytest.mark.parametrize("kernel", ["B\xf640\nevil", "$_{^\x1b[31m", "DOE^JANE", "1961"])
def test_a_kernel_that_no_vendor_has_is_listed_as_other(
    tmp_path: Path, write_series: Writer, kernel: str
) -> None:
    header = {"SpecificCharacterSet": "ISO_IR 100", "ConvolutionKernel": kernel}
    folder = write_series(chest(), "in", mm=(8, 8, 8), **header)[0].parent
    (row,) = run(folder, tmp_path / "d").prepared
    assert row.notes.startswith("kernel other; 40 slices")


def test_two_series_with_kernels_that_no_vendor_has_stay_two(
    tmp_path: Path, write_series: Writer
) -> None:
    for name in ("Doe", "Roe"):
        write_series(chest(), "in", mm=(8, 8, 8), ConvolutionKernel=name)
    labels = [scan.label for scan in find_scans([tmp_path / "in"])[0]]
    assert labels == ["in (series 1, other)", "in (series 2, other)"]
