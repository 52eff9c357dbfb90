from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from repcat.errors import DataError
from repcat.io.strangers.npy_file import read_npy


def header(text: str) -> bytes:
    return b"\x93NUMPY\x01\0\x76\0" + text.ljust(117).encode() + b"\n"


def test_numbers_come_back(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(6.0).reshape(2, 3))
    assert read_npy(tmp_path / "a.npy").tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize(
    "data",
    [
        header("{'descr': '<f8', 'shape': (3, ("),  # was a TokenError
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (99999, 99999)}"),
        header("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}") + b"cos\nsystem\n",
        header("[" * 110),
        b"\x93NUMPY\x02\0\xff\xff\xff\x7f" + b"{}",  # a header of 2 GB
        b"\x93NUMPY\x01\x7f\xff\xff\xff\x7f" + b"{}",
        b"PK\x03\x04 an archive",
        b"\x80\x04}.",  # a pickle
        b"",
    ],
)
def test_what_holds_no_numbers_or_fewer_than_it_says_is_one_line(
    tmp_path: Path, data: bytes
) -> None:
    (tmp_path / "a.npy").write_bytes(data)
    with pytest.raises(DataError, match=r"^cannot be read as an array of numbers; write it with"):
        read_npy(tmp_path / "a.npy")
