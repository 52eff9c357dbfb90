"""Films from strangers: one line each, and never much memory."""

from __future__ import annotations

import gzip
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from repcat.errors import DataError
from repcat.io.strangers import apart
from repcat.radiographs.read import read_film


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a part of a PNG."""
    whole = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", whole)


def peak_bytes() -> int:
    """Return the most memory that this process's reading child ever held."""
    status = Path(f"/proc/{apart._children[os.getpid()].process.pid}/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


@pytest.mark.parametrize(("size", "code"), [(9, "promise-too-large"), (2_400_000, "large-file")])
def test_a_png_of_50000_pixels_a_side_is_refused_by_its_header(
    tmp_path: Path, size: int, code: str
) -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", bytes(size)) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + body)
    with pytest.raises(DataError, match=r"^a\.png: .* promises 2\.5 GB") as error:
        read_film(tmp_path / "a.png")
    assert error.value.code == code
    assert peak_bytes() < 1.1e9


def test_memory_ends_before_a_film_that_unpacks_a_thousand_times_does(tmp_path: Path) -> None:
    sitk.WriteImage(sitk.Image([8, 8], sitk.sitkUInt8), str(tmp_path / "small.nii"))
    header = bytearray((tmp_path / "small.nii").read_bytes()[:352])
    header[42:46] = struct.pack("<2h", 30_000, 32_000)
    zeros = gzip.compress(bytes(10**6))
    (tmp_path / "a.nii.gz").write_bytes(gzip.compress(bytes(header)) + 960 * zeros)
    with pytest.raises(DataError, match="more than 1 GB of memory") as error:
        read_film(tmp_path / "a.nii.gz")
    assert error.value.code == "large-file"
    assert peak_bytes() < 1.2e9


@pytest.mark.parametrize("frames", [1, 2 * 10**9])
def test_a_dicom_film_of_large_rows_and_columns_takes_no_memory(
    write_film: Callable[..., Path], shades: np.ndarray, frames: int
) -> None:
    path = write_film(shades, Rows=65_535, Columns=65_535, NumberOfFrames=frames)
    with pytest.raises(DataError, match=r"^film\.dcm: (the pixels cannot be|\d+ frames in one)"):
        read_film(path)
    assert peak_bytes() < 1.2e9


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("empty.npy", "0 x 16 is no picture"),
        ("archive.npy", "cannot be read as an array of numbers"),
        ("objects.npy", "cannot be read as an array of numbers"),
        ("open.npy", "cannot be read as an array of numbers"),
        ("zero.png", "no regular file: a pipe, a device"),
        ("pipe.png", "no regular file: a pipe, a device"),
        ("loop.png", "a link that leads back to itself"),
        ("a\udcff.png", "a path that is not UTF-8"),
        ("9" * 300, "a name longer than any file's"),
        ("nrrd.tif", "cannot be read: cut short, damaged, or not what"),
    ],
)
def test_a_film_that_is_none_is_one_line(tmp_path: Path, name: str, said: str) -> None:
    np.save(tmp_path / "empty.npy", np.zeros((0, 16)))
    np.savez(tmp_path / "a.npz", np.zeros((3, 3)))
    (tmp_path / "a.npz").rename(tmp_path / "archive.npy")
    np.save(tmp_path / "objects.npy", np.array([{}], object), allow_pickle=True)
    (tmp_path / "open.npy").write_bytes(b"\x93NUMPY\x01\0\x40\0{'descr': '<f8', 'shape': (3, (")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "loop.png").symlink_to("loop.png")
    # ITK goes by contents: a header that names another file must not be tried under this name
    (tmp_path / "nrrd.tif").write_text("NRRD0004\ntype: uchar\ndata file: /etc/passwd\n")
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff.png"))).write_bytes(b"")
    with pytest.raises(DataError, match=said) as error:
        read_film(tmp_path / name)
    assert "\n" not in str(error.value) and len(str(error.value)) < 300
