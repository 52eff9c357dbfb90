"""Small text from strangers: bounded before anything walks through it."""

import os

import pytest

from repcat.errors import DataError
from repcat.io.small_text import MOST_BYTES, parse_toml, read_small


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a" + ".a" * 20_000 + " = 1", "nested-too-deep"),  # took 1.9 GB
        ('"a"' + ' . "a"' * 20_000 + " = 1", "nested-too-deep"),
        ("a = " + "[" * 4_000, "nested-too-deep"),
        ("a = " + "{a = " * 4_000, "nested-too-deep"),
        ("a = " + "[" * 100 + "]" * 100, "nested-too-deep"),
        ("a = " + "9" * 5_000, "number-too-large"),
        ("a = {b = [1, 9223372036854775808]}", "number-too-large"),
        ("a = 0x" + "f" * 10_000, "number-too-large"),
        ("a = unet", "not-toml"),
        ("a = 1979-13-45", "not-toml"),
    ],
)
def test_toml_out_of_bounds_is_refused(text, code):
    with pytest.raises(DataError, match=f"code: {code}"):
        parse_toml(text)


def test_dots_in_strings_and_comments_nest_nothing():
    dots = "." * 100
    text = f'# a{dots}\na = "{dots}\\"{dots}"  # {dots}\nb = """\n{dots}""\n"""\nc = \'{dots}\''
    assert parse_toml(text)["c"] == dots


def test_a_file_is_read_to_its_limit_and_no_further(tmp_path):
    (tmp_path / "a").write_text("a" * MOST_BYTES)
    assert len(read_small(tmp_path / "a")) == MOST_BYTES
    with pytest.raises(DataError, match="code: file-too-large"):
        read_small(tmp_path / "a", 10)


def test_what_is_no_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "fifo")  # would be waited for without end
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    names = ("fifo", "loop", "zero", "bytes", "none", "a\x00b", "a" * 300, ".")
    for name in names:
        with pytest.raises(DataError):
            read_small(tmp_path / name)
