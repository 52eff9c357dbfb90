from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch

from repcat.data.ct.reader import read_file
from repcat.errors import DataError
from repcat.io.volumes import write_mha


def image_of(hu: np.ndarray, spacing: tuple[float, ...] = (3.0, 2.0, 5.0)) -> sitk.Image:
    image = sitk.GetImageFromArray(hu)
    image.SetSpacing(spacing)
    image.SetOrigin((10.0, -20.0, 30.0))
    return image


def save(image: sitk.Image, path: Path) -> Path:
    sitk.WriteImage(image, str(path))
    return path


@pytest.mark.parametrize("axes", ["LPS", "RAS", "LAI", "PSL", "SRA", "RPI"])
@pytest.mark.parametrize("ending", [".nii.gz", ".mha", ".nrrd"])
def test_a_voxel_is_found_where_it_was_whatever_the_axes_of_the_file(
    tmp_path: Path, marked: np.ndarray, axes: str, ending: str
) -> None:
    turned = sitk.DICOMOrient(image_of(marked), axes)
    volume = read_file(save(turned, tmp_path / f"scan{ending}"))
    assert np.array_equal(volume.hu.numpy(), marked)
    assert volume.spacing_mm == pytest.approx((5, 2, 3))
    assert volume.centre_mm == pytest.approx((10 + 3 * 3.5, -20 + 2 * 4.5, 30 + 5 * 5.5))
    assert volume.notes == ()


def test_an_mha_lies_where_its_centre_says_and_calls_itself_synthetic(
    tmp_path: Path, marked: np.ndarray
) -> None:
    path = tmp_path / "prediction.mha"
    write_mha(path, torch.from_numpy(marked).float(), (5, 2, 3), (7, 8, 9), "made\nby repcat")
    image = sitk.ReadImage(str(path))
    assert image.GetPixelID() == sitk.sitkInt16
    assert image.GetDirection() == tuple(np.eye(3).ravel())
    assert image.TransformContinuousIndexToPhysicalPoint((3.5, 4.5, 5.5)) == (7, 8, 9)
    assert np.array_equal(sitk.GetArrayFromImage(image), marked)
    comment = b"Comment = synthetic, research use only: made by repcat\n"
    assert comment in path.read_bytes()[:1000]
    assert [p.name for p in tmp_path.iterdir()] == ["prediction.mha"]


def test_head_and_left_stay_where_they_are_through_a_file(
    tmp_path: Path, marked: np.ndarray, corners: dict[tuple[int, int, int], int]
) -> None:
    path = tmp_path / "prediction.mha"
    write_mha(path, torch.from_numpy(marked), (5, 2, 3), (0, 0, 0), "")
    image, volume = sitk.ReadImage(str(path)), read_file(path)
    for (left, back, head), value in corners.items():
        where = (21 * (left - 0.5), 18 * (back - 0.5), 55 * (head - 0.5))
        assert image[image.TransformPhysicalPointToIndex(where)] == value
        assert volume.hu[-head, -back, -left] == value


def test_a_half_written_file_never_has_the_name(tmp_path: Path) -> None:
    (tmp_path / "closed").write_text("a file where a folder should be")
    with pytest.raises((DataError, OSError)):
        write_mha(tmp_path / "closed" / "a.mha", torch.zeros(3, 3, 3), (1, 1, 1), (0, 0, 0), "")
    assert [p.name for p in tmp_path.iterdir()] == ["closed"]


def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        msg = "ITK ERROR: MetaImageIO: File cannot be written: a\nReason: No space left on device"
        raise RuntimeError(msg)

    monkeypatch.setattr(sitk, "WriteImage", full)
    with pytest.raises(DataError, match="code: cannot-write") as caught:
        write_mha(tmp_path / "a.mha", torch.zeros(3, 3, 3), (1, 1, 1), (0, 0, 0), "")
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_oblique_axes_are_resampled_to_the_patients_with_a_note(tmp_path: Path) -> None:
    z, y, x = np.meshgrid(*[np.arange(40) - 19.5] * 3, indexing="ij")
    ball = np.where((x - 8) ** 2 + (y + 4) ** 2 + (z - 6) ** 2 < 64, 500, -1000).astype(np.int16)
    image = sitk.GetImageFromArray(ball)
    c, s = np.cos(np.radians(12)), np.sin(np.radians(12))
    turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    image.SetDirection(turn.ravel())
    image.SetOrigin(turn @ np.full(3, -19.5))
    volume = read_file(save(image, tmp_path / "oblique.nii"))
    assert volume.notes == ("rotated 12.0 degrees: resampled to the patient's axes",)
    assert volume.hu.min() == -1024
    found = torch.nonzero(volume.hu > -250).double().mean(0)
    middle = (torch.tensor(volume.hu.shape, dtype=torch.float64) - 1) / 2
    world = (found - middle).flip(0).numpy() + volume.centre_mm
    assert world == pytest.approx(turn @ [8, -4, 6], abs=0.1)
    assert (volume.hu > -250).sum() == pytest.approx((ball > -250).sum(), rel=0.03)


def test_axes_turned_by_less_than_half_a_voxel_are_left_alone(
    tmp_path: Path, marked: np.ndarray
) -> None:
    image = image_of(marked)
    c, s = np.cos(0.01), np.sin(0.01)
    image.SetDirection((c, -s, 0, s, c, 0, 0, 0, 1))
    volume = read_file(save(image, tmp_path / "near.nii"))
    assert np.array_equal(volume.hu.numpy(), marked)


def test_padding_becomes_air_and_metal_is_told(tmp_path: Path, marked: np.ndarray) -> None:
    marked[5, 5, 5], marked[5, 5, 6] = -3024, 5361
    volume = read_file(save(image_of(marked), tmp_path / "scan.nii"))
    assert volume.notes == ("padding -3024 set to -1024", "contrast or metal up to 5361 HU")
    assert (int(volume.hu.min()), int(volume.hu.max())) == (-1024, 5361)


def test_air_stored_as_zero_is_shifted(tmp_path: Path) -> None:
    stored = np.zeros((10, 10, 10), np.uint16)
    stored[2:8, 2:8, 2:8] = 1064
    stored[5, 5, 5] = 2024
    volume = read_file(save(image_of(stored), tmp_path / "x2ct.mha"))
    assert volume.notes == ("air stored as 0: 1024 subtracted",)
    assert volume.hu.unique().tolist() == [-1024, 40, 1000]


def test_voxels_without_a_number_become_air(tmp_path: Path, marked: np.ndarray) -> None:
    values = marked.astype(np.float32) + 0.4
    values[5, 5, 5] = np.nan
    volume = read_file(save(image_of(values), tmp_path / "scan.mha"))
    assert volume.notes == ("voxels without a number set to -1024",)
    assert volume.hu[5, 5, 5] == -1024
    assert volume.hu[0, 0, 0] == 100


@pytest.mark.parametrize(
    ("values", "kind", "words"),
    [
        ((0, 255), np.uint8, "8-bit values, a picture or a mask"),
        ((0, 255), np.int16, "8-bit grey values, not Hounsfield units"),
        ((0, 1), np.int16, "a mask or a label map"),
        ((0, 1), np.float32, "not Hounsfield units"),
        ((-1, 1), np.float32, "too few for Hounsfield units"),
        ((0, 900), np.int16, "without air"),
        ((0, 2500), np.int16, "without air"),
    ],
)
def test_numbers_that_are_no_hounsfield_units_are_refused(
    tmp_path: Path, values: tuple[int, int], kind: type, words: str
) -> None:
    array = np.full((8, 8, 8), values[0], kind)
    array[4, 4, 4] = values[1]
    with pytest.raises(DataError, match=f"^scan.nii: .*{words}"):
        read_file(save(image_of(array), tmp_path / "scan.nii"))


def test_a_film_a_series_in_time_and_colours_are_no_volume(tmp_path: Path) -> None:
    shapes = {"a.nii": (1, 8, 8), "b.nii": (3, 8, 8, 8)}
    for name, shape in shapes.items():
        sitk.WriteImage(
            sitk.GetImageFromArray(np.zeros(shape, np.int16), isVector=False), str(tmp_path / name)
        )
    colours = sitk.GetImageFromArray(np.zeros((8, 8, 8, 3), np.int16), isVector=True)
    sitk.WriteImage(colours, str(tmp_path / "c.mha"))
    for name, words in zip((*shapes, "c.mha"), ("not a vol", "not a vol", "3 num"), strict=True):
        with pytest.raises(DataError, match=words):
            read_file(tmp_path / name)


@pytest.mark.parametrize("ending", [".nii.gz", ".nii", ".mha", ".nrrd"])
def test_a_file_that_was_cut_short_is_named(tmp_path: Path, ending: str) -> None:
    noise = np.random.default_rng(0).integers(-1000, 1000, (30, 30, 30)).astype(np.int16)
    path = save(image_of(noise), tmp_path / f"scan{ending}")
    path.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(DataError, match=f"^scan{ending}: cannot be read: cut short, damaged"):
        read_file(path)


def test_a_gzip_file_of_several_members_is_whole(tmp_path: Path, marked: np.ndarray) -> None:
    plain = save(image_of(marked), tmp_path / "scan.nii").read_bytes()
    path = tmp_path / "members.nii.gz"
    path.write_bytes(gzip.compress(plain[:900]) + gzip.compress(plain[900:]) + gzip.compress(b""))
    assert np.array_equal(read_file(path).hu.numpy(), marked)


def test_a_file_without_an_orientation_says_so(tmp_path: Path, marked: np.ndarray) -> None:
    path = save(image_of(marked), tmp_path / "scan.nii")
    header = bytearray(path.read_bytes())
    header[252:256] = bytes(4)  # qform_code and sform_code of NIfTI-1
    path.write_bytes(header)
    words = "the file does not say how the patient lies: check the preview"
    assert read_file(path).notes == (words,)
