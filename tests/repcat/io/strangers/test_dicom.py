from __future__ import annotations

import struct
from pathlib import Path

import pytest

from repcat.data.ct.dicom_slices import read_slice
from repcat.errors import DataError

SYNTAX = b"\x02\0\x10\0UI" + struct.pack("<H", 20) + b"1.2.840.10008.1.2.1\0"
START = bytes(128) + b"DICM\x02\0\0\0UL\x04\0" + struct.pack("<I", len(SYNTAX)) + SYNTAX
SEQUENCE, ITEM = b"\x08\0\x40\x11SQ\0\0", b"\xfe\xff\x00\xe0"
OPEN = b"\xff\xff\xff\xff"  # a length that is not told


def test_sequences_nested_20000_deep_are_refused_before_gdcm_crashes(tmp_path: Path) -> None:
    (tmp_path / "a.dcm").write_bytes(START + (SEQUENCE + OPEN + ITEM + OPEN) * 20_000)
    with pytest.raises(DataError, match="nested more than 64 deep, which no scan's are"):
        read_slice(tmp_path / "a.dcm")


def test_sequences_nested_by_their_lengths_crash_the_child_alone(tmp_path: Path) -> None:
    length = 0
    heads = []
    for _ in range(15_000):
        heads.append(SEQUENCE + struct.pack("<I", length + 8) + ITEM + struct.pack("<I", length))
        length += len(heads[-1])
    (tmp_path / "a.dcm").write_bytes(START + b"".join(reversed(heads)))
    with pytest.raises(DataError, match=r"its reader crashed \(signal \d+\)|no image"):
        read_slice(tmp_path / "a.dcm")
