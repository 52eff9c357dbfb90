"""Headers of MetaImage and NRRD that crash a library, or promise what no file holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from repcat.data.ct.reader import read_file
from repcat.errors import DataError

Writer = Callable[..., Path]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("NDims = 3", f"NDims = {'9' * 30}", "header-impossible"),  # both crashed MetaIO
        ("NDims = 3", "NDims = 31979-05-27", "header-impossible"),
        ("NDims = 3", "NDims = 3\nNDims = 9", "header-impossible"),
        ("DimSize = 4 4 4", "DimSize = 4 4", "header-impossible"),
        ("DimSize = 4 4 4", "DimSize = 4 -4 4", "header-impossible"),
        ("MET_SHORT", "MET_NONE", "header-impossible"),
        ("DimSize = 4 4 4", "DimSize = 4000 4000 4000", "promise-too-large"),
        (
            "DimSize = 4 4 4",
            "DimSize = 4000 4000 4000\nCompressedData = True",
            "promise-too-large",
        ),
        ("= 1 1 1", "= nan 1 1", "file-damaged"),
        ("= 1 1 1", "= 0 1 1", "file-damaged"),
    ],
)
def test_a_metaimage_header_of_impossible_numbers_is_one_line(
    write_header: Writer, old: str, new: str, code: str
) -> None:
    with pytest.raises(DataError, match=r"^scan\.mhd: ") as error:
        read_file(write_header(".mhd", **{old: new}))
    assert error.value.code == code and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("NRRD0004", "NRRX0004", "file-damaged"),
        ("dimension: 3", "dimension: 99", "header-impossible"),
        ("sizes: 4 4 4", "sizes: 4 4", "header-impossible"),
        ("sizes: 4 4 4", "sizes: 4 4 4e9", "header-impossible"),
        ("type: short", "type: block", "header-impossible"),
        ("sizes: 4 4 4", "sizes: 4000 4000 4000", "promise-too-large"),
        ("encoding: raw", "encoding: raw\nencoding: gzip", "header-impossible"),
    ],
)
def test_an_nrrd_header_of_impossible_numbers_is_one_line(
    write_header: Writer, old: str, new: str, code: str
) -> None:
    with pytest.raises(DataError, match=r"^scan\.nhdr: ") as error:
        read_file(write_header(".nhdr", **{old: new}))
    assert error.value.code == code
