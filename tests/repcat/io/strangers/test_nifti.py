from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from repcat.data.ct.reader import read_file
from repcat.errors import DataError

DIM, PIXDIM, SLOPE, MAGIC = 40, 76, 112, 344  # where NIfTI-1 keeps them


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    hu = np.random.default_rng(0).integers(-1000, 1000, (6, 6, 6)).astype(np.int16)
    sitk.WriteImage(sitk.GetImageFromArray(hu), str(tmp_path / "scan.nii"))
    return tmp_path / "scan.nii"


def overwrite(path: Path, at: int, form: str, *values: float | bytes) -> Path:
    data = bytearray(path.read_bytes())
    struct.pack_into(form, data, at, *values)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("mm", [float("nan"), float("inf"), 0.0])
@pytest.mark.parametrize("axis", [1, 2, 3])
def test_a_voxel_of_no_size_is_refused_which_itk_takes_for_1_mm(
    scan: Path, mm: float, axis: int
) -> None:
    with pytest.raises(DataError, match=r"voxels of .*(nan|inf|0) .*mm; correct pixdim") as error:
        read_file(overwrite(scan, PIXDIM + 4 * axis, "<f", mm))
    assert error.value.code == "voxel-size"


def test_a_header_of_620_bytes_cannot_ask_for_a_gigabyte(scan: Path) -> None:
    overwrite(scan, DIM + 2, "<3h", 1000, 800, 800)
    for name, data in (
        ("a.nii", scan.read_bytes()[:620]),
        ("a.nii.gz", gzip.compress(scan.read_bytes()[:620] + bytes(9000))),
    ):
        path = scan.with_name(name)
        path.write_bytes(data)
        with pytest.raises(DataError, match=r"its header promises 1\.28 GB and the file has"):
            read_file(path)


@pytest.mark.parametrize("dim", [0, 8, -1])
def test_an_impossible_number_of_axes_is_refused(scan: Path, dim: int) -> None:
    with pytest.raises(DataError, match="code: header-impossible"):
        read_file(overwrite(scan, DIM, "<h", dim))


def test_an_absurd_slope_is_refused(scan: Path) -> None:
    with pytest.raises(DataError, match="code: no-hounsfield-units"):
        read_file(overwrite(scan, SLOPE, "<f", 1e38))


def test_half_of_a_pair_of_files_is_refused(scan: Path) -> None:
    with pytest.raises(DataError, match="code: file-damaged"):
        read_file(overwrite(scan, MAGIC, "4s", b"ni1\0"))
