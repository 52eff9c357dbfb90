from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from repcat.data.ct.reader import read_file
from repcat.errors import DataError

Writer = Callable[..., Path]
ENDINGS = (".mhd", ".nhdr")


@pytest.mark.parametrize("ending", ENDINGS)
def test_numbers_beside_their_header_are_read(write_header: Writer, ending: str) -> None:
    path = write_header(ending)
    stored = np.frombuffer((path.parent / "v.raw").read_bytes(), np.int16)
    assert np.array_equal(read_file(path).hu.numpy().ravel(), stored)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", ["../out.raw", "/etc/passwd", "/dev/urandom", "link.raw", "-"])
def test_a_data_file_outside_the_folder_is_never_opened(
    write_header: Writer, ending: str, name: str
) -> None:
    path = write_header(ending, **{"v.raw": name})
    (path.parent / "link.raw").symlink_to("../out.raw")
    with pytest.raises(
        DataError, match=r"a data file outside its folder \(.*\): leave it"
    ) as error:
        read_file(path)
    assert error.value.code == "data-file-outside"


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", ["LIST", "List 2", "slice%03d.raw"])
def test_a_list_of_data_files_is_refused(write_header: Writer, ending: str, name: str) -> None:
    with pytest.raises(DataError, match="code: several-data-files"):
        read_file(write_header(ending, **{"v.raw": name}))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    ("name", "said"),
    [("pipe.raw", "no regular file"), ("none.raw", "no such file"), ("loop.raw", "outside")],
)
def test_a_pipe_a_loop_of_links_or_nothing_for_a_data_file_does_not_hang(
    write_header: Writer, ending: str, name: str, said: str
) -> None:
    path = write_header(ending, **{"v.raw": name})
    os.mkfifo(path.parent / "pipe.raw")
    (path.parent / "loop.raw").symlink_to("loop.raw")
    with pytest.raises(DataError, match=said):
        read_file(path)


def test_a_second_data_file_cannot_hide_in_another_field(write_header: Writer) -> None:
    for hidden in (
        "elementdatafile = v.raw\nElementDataFile = v.raw",
        "Comment = ElementDataFile = /etc/passwd\nElementDataFile = v.raw",
        "Comment: a\rElementDataFile = ../out.raw\nElementDataFile = v.raw",
        "ElementDataFile : /etc/passwd\nElementDataFile = v.raw",
    ):
        with pytest.raises(DataError, match=r"cut short, damaged|outside its folder"):
            read_file(write_header(".mhd", **{"ElementDataFile = v.raw": hidden}))
    for hidden in ("DataFile:../out.raw\ndata file: v.raw", "a: b\rdatafile: /etc/passwd"):
        with pytest.raises(DataError, match=r"outside its folder|nothing possible of datafile"):
            read_file(write_header(".nhdr", **{"data file: v.raw": hidden}))
