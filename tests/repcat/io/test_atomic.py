"""Files are whole or not there."""

import errno
import os
import stat
import subprocess
import sys

import pytest
import torch

from repcat.errors import DataError
from repcat.io.atomic import HOST, atomic_file, atomic_folder, sweep
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


REPLACE = """
with atomic_folder(Path("000002")) as part:
    for name in "ab":
        (part / name).write_text("new")
"""


def whole(folder):
    """What a folder holds: the texts of both its files, or nothing where it is not there."""
    return {p.name: p.read_text() for p in folder.iterdir()} if folder.exists() else {}


def test_a_folder_that_is_replaced_is_the_old_one_or_the_new_one_wherever_it_is_killed(
    tmp_path, killed_everywhere
):
    old, new = dict.fromkeys("ab", "old"), dict.fromkeys("ab", "new")
    (tmp_path / "t" / "000002").mkdir(parents=True)
    for name, text in old.items():
        (tmp_path / "t" / "000002" / name).write_text(text)
    imports = "from pathlib import Path; from repcat.io.atomic import atomic_folder"
    left = killed_everywhere(tmp_path / "t", imports, REPLACE)
    aside = [f for f in left if not (f / "000002").exists()]
    assert len(left) > 10 and len(aside) == 1  # between the two renames
    for folder in left:
        sweep(folder)
        assert whole(folder / "000002") in (old, new)
        assert [p.name for p in folder.iterdir()] == ["000002"]
    assert whole(left[0] / "000002") == old and whole(left[-1] / "000002") == new


def test_a_folder_that_is_deleted_is_whole_or_out_of_sight_wherever_it_is_killed(
    tmp_path, killed_everywhere
):
    (tmp_path / "t" / "000002").mkdir(parents=True)
    for name in "abc":
        (tmp_path / "t" / "000002" / name).write_text(name)
    imports = "from pathlib import Path; from repcat.io.atomic import remove_folder"
    left = killed_everywhere(tmp_path / "t", imports, 'remove_folder(Path("000002"))')
    assert len(left) > 4
    for folder in left:
        assert len(whole(folder / "000002")) in (0, 3)
        sweep(folder)
        assert [p.name for p in folder.iterdir()] in ([], ["000002"])
    assert not (left[-1] / "000002").exists()


def test_a_leftover_of_a_process_of_the_same_number_is_no_obstacle(tmp_path):
    for ending in ("tmp", "old.tmp"):
        (tmp_path / f".a.{HOST}.{os.getpid()}.{ending}").mkdir()
        (tmp_path / f".a.{HOST}.{os.getpid()}.{ending}" / "x").write_text("dead")
    for text in ("1", "2"):
        with atomic_folder(tmp_path / "a") as part:
            (part / "x").write_text(text)
    assert whole(tmp_path / "a") == {"x": "2"}
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_what_a_dead_process_left_of_a_file_or_folder_goes_when_it_is_written_again(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    one = {f".a.{HOST}.{dead.pid}.tmp", f".b.csv.{HOST}.{dead.pid}.tmp.csv"}
    living = {f".a.{HOST}.{os.getppid()}.tmp", f".a.0badc0de.{dead.pid}.tmp"}
    living |= {f".other.{HOST}.{dead.pid}.tmp"}
    for name in one | living:
        (tmp_path / name).write_text("half")
    with atomic_folder(tmp_path / "a"), atomic_file(tmp_path / "b.csv") as file:
        file.write_text("whole")
    assert {p.name for p in tmp_path.iterdir()} == living | {"a", "b.csv"}


def test_a_system_that_cannot_sync_folders_writes_all_the_same(tmp_path, monkeypatch):
    sync = os.fsync

    def files_only(number):
        if stat.S_ISDIR(os.fstat(number).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        sync(number)

    monkeypatch.setattr(os, "fsync", files_only)
    with atomic_folder(tmp_path / "a") as part, atomic_file(part / "x") as file:
        file.write_text("1")
    assert whole(tmp_path / "a") == {"x": "1"}


def test_a_new_folder_that_cannot_take_the_name_leaves_the_old_one(tmp_path, monkeypatch):
    rename = os.rename

    def full(old, new):
        if str(old).endswith(f"{os.getpid()}.tmp"):
            raise OSError(errno.ENOSPC, "No space left on device")
        rename(old, new)

    with atomic_folder(tmp_path / "a") as part:
        (part / "x").write_text("old")
    monkeypatch.setattr(os, "rename", full)
    with (
        pytest.raises(DataError, match="the disk is full"),
        atomic_folder(tmp_path / "a") as part,
    ):
        (part / "x").write_text("new")
    assert whole(tmp_path / "a") == {"x": "old"} and len(list(tmp_path.iterdir())) == 1
