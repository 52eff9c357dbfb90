from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import SimpleITK as sitk

from repcat.data.ct.scan_discovery import find_scans
from repcat.errors import DataError

Writer = Callable[..., list[Path]]


def save(array: np.ndarray, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(sitk.GetImageFromArray(array), str(path))
    return path


def key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def noise(slices: int = 12) -> np.ndarray:
    return np.random.default_rng(0).integers(-1000, 500, (slices, 8, 8)).astype(np.int16)


def test_files_of_every_format_are_found_by_name(tmp_path: Path, marked: np.ndarray) -> None:
    for name in ("b.nii.gz", "a.mha", "sub/c.nrrd", "sub/d.NRRD", ".hidden/e.nii", "notes.txt"):
        if name.endswith("txt"):
            (tmp_path / name).write_text("x")
        else:
            save(marked, tmp_path / name)
    scans, skipped = find_scans([tmp_path])
    assert not skipped
    assert [s.label for s in scans] == ["a.mha", "b.nii.gz", "sub/c.nrrd", "sub/d.NRRD"]
    assert [s.patient for s in scans] == [key(stem) for stem in "abcd"]
    assert {s.kind for s in scans} == {"file"}
    for scan in scans:
        assert np.array_equal(scan.read().hu.numpy(), marked)


def test_a_source_may_be_a_file_and_may_be_named_twice(tmp_path: Path, marked: np.ndarray) -> None:
    path = save(marked, tmp_path / "sub" / "a.nii.gz")
    for sources in ([path], [path, path], [path, tmp_path / "sub"]):
        scans, _ = find_scans(sources)
        assert [(s.label, s.paths) for s in scans] == [("a.nii.gz", (path,))]


def test_a_source_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="code: no-such-file"):
        find_scans([tmp_path / "nowhere"])


def test_a_source_of_another_kind_is_named(tmp_path: Path) -> None:
    (tmp_path / "scan.zip").write_bytes(b"PK")
    scans, (skipped,) = find_scans([tmp_path / "scan.zip"])
    assert not scans
    assert skipped.label == "scan.zip"
    assert skipped.reason.startswith("not a scan that repcat reads: give DICOM, .nii.gz")


def test_files_of_one_name_in_many_folders_are_many_patients(
    tmp_path: Path, marked: np.ndarray
) -> None:
    for folder in ("s0001", "s0002"):
        save(marked, tmp_path / folder / "ct.nii.gz")
        for organ in ("heart", "liver", "spleen"):
            save((marked > 0).astype(np.uint8), tmp_path / folder / "masks" / f"{organ}.nii.gz")
    scans, skipped = find_scans([tmp_path])
    assert [s.patient for s in scans] == [key("s0001/ct"), key("s0002/ct")]
    assert [s.label for s in skipped] == [
        f"s000{n}/masks/heart.nii.gz and 2 more beside it" for n in (1, 2)
    ]
    assert "8-bit values, a picture or a mask" in skipped[0].reason


def test_two_scans_of_one_x2ct_patient_share_a_key(tmp_path: Path) -> None:
    ct = np.zeros((8, 8, 8), np.int16)
    ct[2:6, 2:6, 2:6] = 1064
    for name in ("LIDC-IDRI-0442.20000101.1.1", "LIDC-IDRI-0442.20000101.2.1"):
        (tmp_path / name).mkdir()
        with h5py.File(tmp_path / name / "ct_xray_data.h5", "w") as file:
            file["ct"] = ct
    scans, _ = find_scans([tmp_path])
    assert {(s.kind, s.patient) for s in scans} == {("h5", key("LIDC-IDRI-0442"))}
    assert scans[0].read().hu.max() == 40


def test_dicom_is_known_by_its_contents(tmp_path: Path, write_series: Writer) -> None:
    paths = write_series(noise(), "disk/deep")
    for path in paths:
        path.rename(path.with_suffix(""))
    shutil.copy(paths[0].with_suffix(""), tmp_path / "disk" / "DICOMDIR")
    (tmp_path / "disk" / "README").write_text("not DICOM")
    (tmp_path / "disk" / "broken.dcm").write_text("not DICOM either")
    (scan,), (skipped,) = find_scans([tmp_path / "disk"])
    assert (scan.label, scan.kind) == ("deep", "dicom")
    assert len(scan.paths) == 12
    assert scan.read().hu.shape == (12, 8, 8)
    assert skipped.label == "broken.dcm"


def test_series_of_one_folder_have_labels_of_their_own(write_series: Writer) -> None:
    write_series(noise())
    write_series(noise(), ConvolutionKernel="B70f")
    folder = write_series(noise(3), Modality="MR", SeriesInstanceUID="1.9")[0].parent
    scans, skipped = find_scans([folder])
    assert [s.label for s in scans] == ["series (series 1, B40f)", "series (series 2, B70f)"]
    assert [s.label for s in skipped] == ["series (series 3)"]
    assert len({s.patient for s in scans}) == 1


def test_a_patient_without_an_id_is_known_by_the_folder(
    tmp_path: Path, write_series: Writer
) -> None:
    for n, identity in enumerate(("", "Anonymous", None)):
        write_series(noise(), f"in/{'abc'[n]}", PatientID=identity, SeriesInstanceUID=f"1.{n}")
    scans, skipped = find_scans([tmp_path / "in"])
    assert not skipped
    assert [s.patient for s in scans] == [key(f"in/{f}") for f in "abc"]
    assert {s.notes[0] for s in scans} == {
        "the patient ID is blank: the folder stands for the patient"
    }


def test_nothing_of_the_header_names_the_patient(write_series: Writer) -> None:
    folder = write_series(noise())[0].parent
    write_series(noise(3), Modality="MR")
    write_series(noise(1), SeriesInstanceUID="1.5")
    scans, skipped = find_scans([folder])
    said = repr([(s.label, s.patient, s.notes, s.read().notes) for s in scans]) + repr(skipped)
    assert len(skipped) == 2
    for secret in ("DOE", "Doe", "Jane", "1960", "DOE-77"):
        assert secret not in said


def test_the_order_of_sources_does_not_matter(tmp_path: Path, marked: np.ndarray) -> None:
    a, b = (save(marked, tmp_path / name / f"{name}.mha").parent for name in "ab")
    assert find_scans([a, b]) == find_scans([b, a])
