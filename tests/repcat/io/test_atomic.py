"""Files are whole or not there."""

import errno
import os
import stat

import pytest
import torch

from repcat.errors import DataError
from repcat.io.atomic import atomic_file, atomic_folder
from repcat.io.tensors import save_table


def test_a_block_that_fails_leaves_the_old_file_and_nothing_beside(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), atomic_file(path) as file:
        file.write_text("new")
        raise ZeroDivisionError
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_told_as_such(tmp_path):
    with pytest.raises(DataError, match="code: cannot-write"), atomic_file(tmp_path / "a"):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_folder_appears_whole(tmp_path):
    with atomic_folder(tmp_path / "000002") as folder:
        (folder / "x").write_text("1")
        assert not (tmp_path / "000002").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["000002"]


@pytest.mark.parametrize(
    ("mask", "folder_mode", "file_mode"), [(0o022, 0o755, 0o644), (0o077, 0o700, 0o600)]
)
def test_who_may_read_is_what_the_user_s_mask_says(tmp_path, mask, folder_mode, file_mode):
    before = os.umask(mask)
    try:
        with atomic_folder(tmp_path / "run") as folder:
            save_table({"a": torch.ones(2)}, folder / "a.safetensors", {"notice": "b"})
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == folder_mode
    assert stat.S_IMODE((tmp_path / "run/a.safetensors").stat().st_mode) == file_mode
