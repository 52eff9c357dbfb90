import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from repcat.errors import DataError
from repcat.io.checksums import (
    SUMS,
    damaged_files,
    file_hash,
    read_checksums,
    rewrite_listed,
    write_checksums,
    write_listed,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files, one of them below, and a hidden one that is not counted."""
    (tmp_path / "in").mkdir()
    (tmp_path / "a.txt").write_bytes(b"abc")
    (tmp_path / "in" / "b.txt").write_bytes(b"")
    (tmp_path / ".part.tmp").write_bytes(b"x")
    return tmp_path


def test_the_hash_of_abc_is_that_of_fips_180(folder: Path) -> None:
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert file_hash(folder / "a.txt") == known


def test_every_file_is_listed_but_the_hidden_and_the_list_itself(folder: Path) -> None:
    write_checksums(folder)
    write_checksums(folder)  # the list of a second time holds no line of the first
    assert read_checksums(folder) == {
        "a.txt": hashlib.sha256(b"abc").hexdigest(),
        "in/b.txt": hashlib.sha256(b"").hexdigest(),
    }


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="no sha256sum (GNU coreutils)")
def test_coreutils_reads_the_list(folder: Path) -> None:
    write_checksums(folder)
    subprocess.run(["sha256sum", "-c", "--strict", SUMS], cwd=folder, check=True)


def test_one_flipped_bit_a_lost_file_and_an_unlisted_one_are_named(folder: Path) -> None:
    write_checksums(folder)
    assert damaged_files(folder) == []
    (folder / "a.txt").write_bytes(b"abb")
    (folder / "in" / "b.txt").unlink()
    assert damaged_files(folder) == ["a.txt", "in/b.txt"]
    assert damaged_files(folder, ["in/b.txt", "new"]) == ["in/b.txt", "new"]


def test_the_files_named_are_listed_and_no_other(folder: Path) -> None:
    write_checksums(folder, ["in/b.txt"])
    assert list(read_checksums(folder)) == ["in/b.txt"]


def test_what_lies_in_a_hidden_folder_is_not_listed(folder: Path) -> None:
    (folder / "in" / ".cache").mkdir()
    (folder / "in" / ".cache" / "c.txt").write_text("c")
    (folder / "in" / SUMS).write_text("of another folder")
    write_checksums(folder)
    assert list(read_checksums(folder)) == ["a.txt", f"in/{SUMS}", "in/b.txt"]


def test_the_lines_are_those_of_sha256sum_by_name(folder: Path) -> None:
    write_checksums(folder, ["in/b.txt", "a.txt"])
    hashes = [hashlib.sha256(content).hexdigest() for content in (b"abc", b"")]
    assert (folder / SUMS).read_text() == f"{hashes[0]}  a.txt\n{hashes[1]}  in/b.txt\n"
    (folder / SUMS).write_text(f"{hashes[0]}  a.txt")  # an end of line that an editor took
    assert read_checksums(folder) == {"a.txt": hashes[0]}


def test_a_folder_without_a_list_is_taken_as_it_is(folder: Path) -> None:
    assert damaged_files(folder) == damaged_files(folder, ["none"]) == []
    assert read_checksums(folder) == {}


@pytest.mark.parametrize("content", [b"\xff\xff", b"no list\n", b"a" * 63 + b"  x\n"])
def test_a_damaged_list_is_named(folder: Path, content: bytes) -> None:
    for before in (b"", b"a" * 64 + b"  x\n"):
        (folder / SUMS).write_bytes(before + content)
        with pytest.raises(DataError, match="SHA256SUMS is damaged"):
            damaged_files(folder)


@pytest.mark.parametrize("name", ["/dev/zero", "/proc/self/mem", "pipe", "a" * 300, "in", "\0"])
def test_a_strangers_list_can_name_what_it_likes(folder: Path, name: str) -> None:
    os.mkfifo(folder / "pipe")
    (folder / SUMS).write_text(f"{'0' * 64}  {name}\n")
    assert damaged_files(folder) == [name]


def test_an_emptied_list_is_damage_not_a_folder_without_one(folder: Path) -> None:
    (folder / SUMS).write_bytes(b"")
    with pytest.raises(DataError, match="SHA256SUMS is damaged"):
        damaged_files(folder)


def test_a_file_written_with_the_list_is_listed_and_may_be_rewritten(folder: Path) -> None:
    write_listed(folder, {"a.txt": "one", "new": "two"})
    assert damaged_files(folder) == [] and list(read_checksums(folder)) == ["a.txt", "new"]
    rewrite_listed(folder, "new", "three")
    assert damaged_files(folder) == [] and (folder / "new").read_text() == "three"
    assert len((folder / SUMS).read_text().splitlines()) == 2


def test_texts_are_written_as_utf_8_with_the_ends_of_lines_they_have(folder: Path) -> None:
    write_listed(folder, {"é": "ü\r\n"})
    rewrite_listed(folder, "new", "ñ\n\r")
    known = read_checksums(folder)
    for name, content in (("é", "ü\r\n"), ("new", "ñ\n\r")):
        assert (folder / name).read_bytes() == content.encode()
        assert known.pop(name) == hashlib.sha256(content.encode()).hexdigest()
    assert known == {}


def test_a_rewritten_file_fits_the_list_wherever_it_is_killed(
    folder: Path, killed_everywhere: Callable[..., list[Path]], tmp_path: Path
) -> None:
    (tmp_path / "t").mkdir()
    write_listed(tmp_path / "t", {"a.txt": "old", "b.txt": "other"})
    imports = "from pathlib import Path; from repcat.io.checksums import rewrite_listed"
    code = 'rewrite_listed(Path("."), "a.txt", "new")'
    left = killed_everywhere(tmp_path / "t", imports, code)
    assert len(left) > 6
    assert all(damaged_files(place) == [] for place in left)
    assert [(p / "a.txt").read_text() for p in (left[0], left[-1])] == ["old", "new"]
