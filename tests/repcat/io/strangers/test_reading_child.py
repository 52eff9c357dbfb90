"""The reading child, seen with functions that do what a hostile file may make a library do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from repcat.errors import DataError
from repcat.io.strangers import apart
from repcat.io.strangers.answer import Facts
from repcat.io.strangers.reading_child import ReadingChild

DEEDS = """
import mmap, os, signal, sys, time
import numpy as np
from repcat.io.strangers.job import Answer
from repcat.io.strangers.promise import check_promise

def crash(job):
    job.opens(job.paths[-1])
    os.kill(os.getpid(), signal.SIGSEGV)

def hang(job):
    time.sleep(60)

def spin(job):
    import resource
    resource.setrlimit(resource.RLIMIT_CPU, (1 + sum(map(int, os.times()[:2])), -1))
    while True:
        pass

def hog(job):
    return Answer({"held": [len(mmap.mmap(-1, int(job.path.read_text())))]})

def promise(job):
    check_promise(2 * 10**9, 4 * 10**6, packed=True, large=job.large)
    return Answer({"held": [len(mmap.mmap(-1, 3 * 10**9))]})

def write(job):
    with open(job.path, "r+") as file:
        file.write("more")

def numbers(job):
    return Answer({"torch": [int("torch" in sys.modules)]}, [np.arange(6.0).reshape(2, 3)])

def objects(job):
    return Answer({}, [np.zeros(2, "M8[s]")])

def chatter(job):
    print("words on stdout")
    os.write(1, b"from C"), os.write(2, b"from C")
    return Answer({"stdin": sys.stdin.read()})
"""
Ask = Callable[..., Facts]


@pytest.fixture(scope="module")
def deeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder on the module path that holds `deeds.py`, and a file to do them to."""
    folder = tmp_path_factory.mktemp("deeds")
    (folder / "deeds.py").write_text(DEEDS)
    (folder / "file.txt").write_text("0")
    sys.path.append(str(folder))
    yield folder
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def child(deeds: Path) -> Iterator[list[ReadingChild]]:
    """One child for all tests; a test that ends it leaves the place empty."""
    held: list[ReadingChild] = []
    yield held
    for one in held:
        one.close()


@pytest.fixture
def ask(child: list[ReadingChild], deeds: Path) -> Ask:
    """Return what has the child do a deed to files."""

    def do(deed: str, *names: str, patience: float = 300, large: bool = False) -> Facts:
        if not child or child[0].process.poll() is not None:
            child[:] = [ReadingChild()]
        child[0].patience = patience
        paths = [deeds / name for name in names or ("file.txt",)]
        return child[0].read(f"deeds:{deed}", paths, {"large": large})

    return do


def test_arrays_come_back_as_they_were_and_torch_is_never_loaded(ask: Ask) -> None:
    facts = ask("numbers")
    assert facts.array(2).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert facts.numbers("torch") == (0,)


def test_what_libraries_print_reaches_neither_terminal_nor_answers(
    ask: Ask, capfd: pytest.CaptureFixture[str]
) -> None:
    assert ask("chatter").text("stdin") == ""
    assert capfd.readouterr() == ("", "")


def test_no_file_is_written(ask: Ask, deeds: Path) -> None:
    with pytest.raises(DataError, match=r"its reader failed \(OSError\)"):
        ask("write")
    assert (deeds / "file.txt").read_text() == "0"


def test_a_small_file_gets_one_gigabyte_and_no_more(ask: Ask, deeds: Path) -> None:
    (deeds / "fits.txt").write_text("900000000")
    (deeds / "bomb.txt").write_text("1100000000")
    assert ask("hog", "fits.txt").numbers("held") == (900_000_000,)
    with pytest.raises(DataError, match="more than 1 GB of memory, and it has 10 bytes") as error:
        ask("hog", "bomb.txt")
    assert error.value.code == "large-file"


def test_what_a_header_promises_is_allowed_to_who_says_yes(ask: Ask) -> None:
    with pytest.raises(DataError, match="its header promises 2 GB of a file of 4 MB: a bomb, or"):
        ask("promise")
    assert ask("promise", large=True).numbers("held") == (3 * 10**9,)
    with pytest.raises(DataError, match="code: large-file"):  # for one file alone
        ask("promise")


def test_an_array_that_holds_no_numbers_is_refused(ask: Ask) -> None:
    with pytest.raises(DataError, match="code: reader-nonsense"):
        ask("objects")


def test_a_crash_names_the_file_that_was_open(ask: Ask, deeds: Path) -> None:
    (deeds / "slice.dcm").write_text("")
    words = rf"^slice\.dcm: its reader crashed \(signal {signal.SIGSEGV}\): the file is damaged or"
    with pytest.raises(DataError, match=words):
        ask("crash", "file.txt", "slice.dcm")


def test_a_file_that_hangs_its_reader_is_given_up(ask: Ask) -> None:
    with pytest.raises(DataError, match="its reader took more than 0 s"):
        ask("hang", patience=0.2)


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of processor time there")
def test_a_file_that_keeps_the_processor_busy_is_given_up(ask: Ask) -> None:
    with pytest.raises(DataError, match="its reader took more than"):
        ask("spin")


def test_a_child_ends_with_its_parent_however_that_ends(deeds: Path) -> None:
    code = (
        "import os, pathlib; from repcat.io.strangers.reading_child import ReadingChild as R; "
        "r = R(); r.read('deeds:numbers', [pathlib.Path('file.txt')], {}); "
        "print(r.process.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    path = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    parent = subprocess.run(
        [sys.executable, "-c", code], cwd=deeds, env=path, stdout=subprocess.PIPE, check=False
    )  # stdout is the child's no more: this returns when both are gone
    child = int(parent.stdout)
    assert parent.returncode == -signal.SIGKILL
    assert _is_gone(child)


def _is_gone(process: int) -> bool:
    import time

    for _ in range(200):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{process}/stat").read_text().split()[2] == "Z":
            return True
        time.sleep(0.02)
    return False


def test_a_child_that_was_started_ahead_reads_the_first_file(deeds: Path) -> None:
    apart._close()  # of another test: it does not know the folder
    apart.start_child("deeds:numbers")
    first = apart._children[os.getpid()]
    apart.start_child("deeds:numbers")
    assert apart.read_apart("deeds:numbers", deeds / "file.txt").array(2).shape == (2, 3)
    assert apart._children[os.getpid()] is first
    apart._close()
