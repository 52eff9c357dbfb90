from __future__ import annotations

import os
from pathlib import Path

import pytest

from repcat.io.strangers.access import why_closed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe.nii")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    (tmp_path / "loop.nii").symlink_to("loop.nii")
    (tmp_path / "gone.nii").symlink_to("nowhere")
    (tmp_path / "whole.nii").write_text("")
    (tmp_path / "link.nii").symlink_to("whole.nii")
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff.png"))).write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pipe.nii", "no regular file: a pipe, a device"),
        ("zero.png", "no regular file: a pipe, a device"),
        ("loop.nii", "a link that leads back to itself"),
        ("gone.nii", "No such file or directory: a broken link"),
        ("none.nii", "there is no such file"),
        ("x" * 300, "a name longer than any file's"),
        ("a\0b", "no file's name"),
        ("a\udcff.png", "a path that is not UTF-8"),
    ],
)
def test_what_cannot_be_opened_is_told_without_opening_it(
    folder: Path, name: str, said: str
) -> None:
    assert why_closed(folder / name).startswith(said)


def test_a_file_and_a_link_to_one_are_open(folder: Path) -> None:
    assert not why_closed(folder / "whole.nii")
    assert not why_closed(folder / "link.nii")
