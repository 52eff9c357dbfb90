"""One writer a folder: the second is told who has it, and a crash holds nobody up."""

import errno
import json
import multiprocessing
import os
import signal
import sys
import time

import filelock
import pytest

from repcat.errors import DataError
from repcat.io import lock
from repcat.io.lock import LOCK, one_writer, say_ending
from repcat.io.writer import WRITER, Writer

FORK = multiprocessing.get_context("fork")


def hold(folder, held, go=None, ending=False):
    with one_writer(folder):
        if ending:
            say_ending()
        held.set()
        if go:
            go.wait(20)
        else:
            time.sleep(20)


@pytest.fixture
def holding(tmp_path):
    """Begin a process that holds a folder; gives it and what lets it go on."""
    begun = []

    def begin(folder, **how):
        held, go = FORK.Event(), FORK.Event()
        child = FORK.Process(target=hold, args=(folder, held, go), kwargs=how)
        child.start()
        begun.append(child)
        assert held.wait(20)
        return child, go

    yield begin
    for child in begun:
        child.kill()
        child.join()


def test_the_second_is_told_in_one_line_who_has_the_folder(tmp_path, holding):
    child, go = holding(tmp_path / "run")
    with (
        pytest.raises(DataError, match="code: being-written") as told,
        one_writer(tmp_path / "run"),
    ):
        pass
    words = str(told.value)
    assert f"process {child.pid} on " in words and "wait for it or stop it" in words
    assert "`repcat " in words and "\n" not in words
    go.set()
    child.join()
    with one_writer(tmp_path / "run"):
        pass


def test_a_killed_writer_holds_nobody_up(tmp_path, holding):
    child, _ = holding(tmp_path)
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    assert {p.name for p in tmp_path.iterdir()} == {LOCK, WRITER}
    with one_writer(tmp_path):
        assert Writer.read(tmp_path).process == os.getpid()
    assert list(tmp_path.iterdir()) == []


def test_a_writer_that_is_ending_is_waited_for(tmp_path, holding):
    child, go = holding(tmp_path, ending=True)
    began = time.monotonic()
    FORK.Process(target=lambda: (time.sleep(0.3), go.set())).start()
    with one_writer(tmp_path):
        assert not child.is_alive() or time.monotonic() - began >= 0.3


def test_one_that_does_not_end_is_not_waited_for_for_ever(tmp_path, holding, monkeypatch):
    holding(tmp_path, ending=True)
    monkeypatch.setattr(lock, "PATIENCE", 0.2)
    with pytest.raises(DataError, match="being written"), one_writer(tmp_path):
        pass


def test_nothing_is_left_and_a_folder_that_stayed_empty_goes(tmp_path):
    with one_writer(tmp_path / "a" / "b"), one_writer(tmp_path / "a" / "b"):
        assert (tmp_path / "a/b" / LOCK).exists()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ZeroDivisionError), one_writer(tmp_path / "kept"):
        (tmp_path / "kept" / "file").write_text("")
        raise ZeroDivisionError
    assert [p.name for p in (tmp_path / "kept").iterdir()] == ["file"]


def race(folder, begin, wins):
    begin.wait(20)
    try:
        with one_writer(folder):
            wins.put(os.getpid())
            time.sleep(0.3)
    except DataError:
        wins.put(0)


def test_of_many_that_begin_at_once_one_goes_on(tmp_path):
    begin, wins = FORK.Event(), FORK.Queue()
    children = [FORK.Process(target=race, args=(tmp_path / "r", begin, wins)) for _ in range(5)]
    for child in children:
        child.start()
    begin.set()
    found = [wins.get(timeout=20) for _ in children]
    for child in children:
        child.join()
    assert found.count(0) == 4


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_told_once_and_work_goes_on(
    tmp_path, monkeypatch, capsys, number
):
    def refuse(self, *args, **words):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    for _ in range(2):
        with one_writer(tmp_path):
            pass
    assert capsys.readouterr().err.count("has no locks") == 1


@pytest.mark.parametrize("text", ["", "[]", "{}", "torn", json.dumps({"process": "x"}), "\xff"])
def test_a_damaged_note_of_who_writes_is_no_traceback(tmp_path, text):
    (tmp_path / WRITER).write_bytes(text.encode("latin-1"))
    assert Writer.read(tmp_path) is None


def test_a_long_command_is_cut(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["repcat", "train", "x" * 10_000])
    assert len(str(Writer.here())) < 400
