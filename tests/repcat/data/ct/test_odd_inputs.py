from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import pydicom
import pytest
import torch

from repcat.data.ct.scan_discovery import Scan, Skipped, find_scans
from repcat.errors import DataError

pytestmark = pytest.mark.real

FEW = "less than 40: too little of a chest"
# Of each folder: how many scans, and of each thing skipped the words that say why.
ODD = {
    "a0002_two_kernels_same_positions": (2, []),
    "acrin_two_series_one_folder": (0, [f"10 slices span 38.25 mm, {FEW}"] * 2),
    "ricord1a_000906_sagittal_jpegll": (1, []),
    "fda_phantom_broken_jpeg2000": (0, ["the pixels of 000305.dcm cannot be decoded"]),
    "totalseg_dicom_j2k_blank_uids": (0, [f"20 slices span 38 mm, {FEW}"]),
    "tcga_de_a4ma_pet_coronal": (0, ["17 files left out: modality PT"]),
    "lungfcp_seg_modality": (0, ["5 files left out: modality SEG"]),
    "spie_r004_single_slice": (0, ["a single slice: give the folder"]),
    "vtkjs_lidc2_uint8_windowed": (0, ["8-bit values, a picture or a mask, not Hounsfield"]),
    "niivue_ct_pitch_oblique_8bit": (0, ["8-bit values, a picture or a mask, not Hounsfield"]),
    "derived_three_patients_mixed": (0, [f"5 slices span {mm} mm, {FEW}" for mm in (10, 5, 10)]),
    "derived_lidc_0003_missing_slices": (
        0,
        ["4 slices are missing: 3 between 084.dcm and 080.dcm, 1 between 071.dcm and 069.dcm"],
    ),
    "derived_mr_among_ct": (0, ["8 slices span 17.5 mm", "3 files left out: modality MR"]),
    "derived_truncated_dicom": (0, ["a single slice", "the file is cut short or damaged"]),
}


@cache
def found(folder: Path) -> tuple[list[Scan], list[Skipped]]:
    return find_scans([folder])


def test_every_odd_folder_is_tested(real: Path) -> None:
    assert {p.name for p in (real / "odd").iterdir()} == set(ODD)


@pytest.mark.parametrize("folder", ODD)
def test_an_odd_folder_is_read_or_refused_in_words(
    real: Path, folder: str, capfd: pytest.CaptureFixture[str]
) -> None:
    scans, skipped = find_scans([real / "odd" / folder])
    count, words = ODD[folder]
    assert len(scans) == count
    assert len(skipped) == len(words)
    for skip, word in zip(skipped, words, strict=True):
        assert word in skip.reason
        assert "\n" not in skip.reason
    assert capfd.readouterr() == ("", "")


def test_two_kernels_at_the_same_positions_are_two_scans_of_one_patient(real: Path) -> None:
    soft, sharp = found(real / "odd" / "a0002_two_kernels_same_positions")[0]
    assert (soft.notes[0], sharp.notes[0]) == ("kernel B40f", "kernel B70f")
    assert soft.patient == sharp.patient
    assert soft.notes[1] == "10 slices, 8 mm apart"
    one, other = soft.read(), sharp.read()
    assert one.centre_mm == other.centre_mm
    # a sharp kernel shows more noise
    assert other.hu.float().diff(dim=-1).abs().mean() > 2 * one.hu.float().diff(dim=-1).abs().mean()


def test_two_series_and_three_patients_are_not_mixed(real: Path) -> None:
    skipped = found(real / "odd" / "acrin_two_series_one_folder")[1]
    labels = [f"acrin_two_series_one_folder (series {n}, SOFT)" for n in (1, 2)]
    assert [s.label for s in skipped] == labels
    assert len({s.label for s in found(real / "odd" / "derived_three_patients_mixed")[1]}) == 3


def test_a_truncated_file_is_named(real: Path) -> None:
    skipped = found(real / "odd" / "derived_truncated_dicom")[1]
    assert [s.label for s in skipped] == ["1-14.dcm", "1-15.dcm"]


def test_codecs_say_nothing_of_a_damaged_slice(
    real: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(real / "odd/ricord1a_000906_sagittal_jpegll", tmp_path / "in")
    damaged = sorted(folder.rglob("*.dcm"))[2]
    data = bytearray(damaged.read_bytes())
    for i in range(len(data) // 2, len(data) // 2 + 3000):
        data[i] ^= 0x5A
    damaged.write_bytes(data)
    (scan,), _ = find_scans([folder])
    with pytest.raises(DataError, match=rf"the pixels of {damaged.name} cannot be decoded"):
        scan.read()
    assert capfd.readouterr() == ("", "")


def test_a_sagittal_reformat_stands_upright_without_its_coronal_slice(real: Path) -> None:
    (scan,) = found(real / "odd" / "ricord1a_000906_sagittal_jpegll")[0]
    assert scan.notes[0] == "1 of its slices has another plane or matrix: left out"
    volume = scan.read()
    assert volume.hu.shape == (512, 512, 19)
    assert volume.spacing_mm == pytest.approx((0.703125, 0.703125, 3), abs=1e-4)
    # positions in the headers: x from 173.85 to 227.85, z down from 32.63
    assert volume.centre_mm[0] == pytest.approx(200.848, abs=0.01)
    assert volume.centre_mm[2] == pytest.approx(32.6275 - 511 / 2 * 0.703125, abs=0.01)


# mm a voxel, PROVENANCE.md
VOLUMES = {
    "lidc_0001": 2,
    "lidc_0003": 2,
    "popi_p1_phase00": 2,
    "ricord1a_000082": 2,
    "fda_phantom_layout2": 2,
    "lungfcp_0001_upper": 2,
    "totalseg_heart_crop": 1.5,
    "totalseg_abdomen_3mm": 3,
}


@pytest.mark.parametrize("name", VOLUMES)
def test_a_nifti_file_is_read_at_its_spacing(real: Path, name: str) -> None:
    (scan,), skipped = find_scans([real / "volumes" / f"{name}.nii.gz"])
    volume = scan.read()
    assert not skipped
    assert volume.spacing_mm == pytest.approx((VOLUMES[name],) * 3, abs=1e-3)
    assert int(volume.hu.min()) >= -1024
    contrast = "contrast or metal up to 5361 HU"
    assert (contrast in volume.notes) == (name == "lidc_0003")


def leanings(hu: torch.Tensor) -> tuple[float, float]:
    """How far bone lies behind the middle of the body, and in the lowest quarter of the scan soft
    organs (30 to 250 HU) to the left of its middle, in voxels.
    """
    _, y, x = (torch.arange(n).double() for n in hu.shape)

    def middle(mask: torch.Tensor, axes: tuple[int, int], along: torch.Tensor) -> float:
        share = mask.sum(axes).double()
        return float(share @ along / share.sum())

    low = hu[: len(hu) // 4]
    back = middle(hu > 300, (0, 2), y) - middle(hu > -300, (0, 2), y)
    left = middle((low > 30) & (low < 250), (0, 1), x) - middle(low > -300, (0, 1), x)
    return back, left


@pytest.mark.parametrize(
    "path", ["volumes/lidc_0001.nii.gz", "volumes/lidc_0003.nii.gz", "dicom/lungpetctdx_a0001"]
)
def test_the_spine_lies_behind_and_the_liver_on_the_right(real: Path, path: str) -> None:
    (scan,), _ = find_scans([real / path])
    back, left = leanings(scan.read().hu)
    assert back > 2
    assert left < -5


def test_dicom_folders_are_read_in_place(real: Path) -> None:
    scans, skipped = find_scans([real / "dicom"])
    assert not skipped
    assert [s.label for s in scans] == ["lungpetctdx_a0001", "lungpetctdx_a0002"]
    one, two = (s.read() for s in scans)
    # headers: (512, 512, 64) at .841797 x 5 mm from z -439; 30 slices of 8 mm, z 80 to 312
    assert one.hu.shape == (64, 512, 512)
    assert one.spacing_mm == pytest.approx((5, 0.841797, 0.841797), abs=1e-5)
    assert one.centre_mm[2] == pytest.approx(-439 + 63 * 5 / 2)
    assert two.spacing_mm == pytest.approx((8, 0.646484, 0.646484), abs=1e-5)
    assert two.centre_mm[2] == pytest.approx(196)


def identities(folder: Path) -> set[str]:
    """Every name, number and date that the headers hold of a patient."""
    keys = "PatientID PatientName PatientBirthDate StudyDate SeriesDate AcquisitionDate "
    keys += "AccessionNumber StudyInstanceUID SeriesInstanceUID StudyID"
    said = set()
    for path in folder.rglob("*.dcm"):
        header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=keys.split())
        said |= {str(element.value) for element in header}
    return {s for s in said if len(s) > 3}


def test_no_identity_leaves_the_headers(real: Path) -> None:
    scans, skipped = find_scans([real / "odd", real / "dicom"])
    said = "\n".join(
        [*(f"{s.label} {s.patient} {s.notes} {s.read().notes}" for s in scans)]
        + [f"{s.label} {s.reason}" for s in skipped]
    )
    secrets = identities(real / "odd") | identities(real / "dicom")
    assert len(secrets) > 20
    assert [s for s in secrets if s in said] == []
