"""Files are whole or not there."""

import errno

import pytest

from repcat.errors import DataError
from repcat.files import whole_file, whole_folder


def test_a_block_that_fails_leaves_the_old_file_and_nothing_beside(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), whole_file(path) as file:
        file.write_text("new")
        raise ZeroDivisionError
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_told_as_such(tmp_path):
    with pytest.raises(DataError, match="disk is full"), whole_file(tmp_path / "a"):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_folder_appears_whole(tmp_path):
    with whole_folder(tmp_path / "000002") as folder:
        (folder / "x").write_text("1")
        assert not (tmp_path / "000002").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["000002"]
