"""Commands side by side, each with a file of what it said; none outlives who started it."""

import signal
import subprocess
import sys
import time

import pytest

from repcat.errors import TrainingError
from repcat.studies.launcher import train_apart

STARTER = """
import signal, sys
from pathlib import Path
from repcat.io.signals import handled_by, stop
from repcat.studies import launcher

signal.signal(signal.SIGINT, signal.default_int_handler)  # may be ignored in a background
launcher.PROGRAM = (sys.executable, "child.py")
with handled_by(stop, 15):
    launcher.train_apart([([str(n)], Path(f"{n}.log")) for n in (1, 2, 3)], 2, "cpu")
"""
CHILD = """
import sys, time
from pathlib import Path
from repcat.io.lock import one_writer
from repcat.io.signals import asked_to_stop, end_with_starter

with one_writer(Path("run-" + sys.argv[1])), asked_to_stop() as asked:
    end_with_starter()
    Path("run-" + sys.argv[1], "begun").touch()
    until = time.monotonic() + 60
    while not asked() and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.3)
    Path("run-" + sys.argv[1], "saved").touch()
"""


@pytest.mark.slow
def test_a_failure_is_told_when_the_others_are_done(tmp_path):
    commands = [(["train", tmp_path / f"none{n}.toml"], tmp_path / "logs" / f"{n}") for n in (1, 2)]
    done = []
    with pytest.raises(TrainingError, match=r"there is no recipe .*none[12].* \(and 1 more\)"):
        train_apart(commands, 2, "cpu", done.append)
    assert done == [1, 2]
    assert "none2.toml" in (tmp_path / "logs" / "2").read_text()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_trainings_save_and_end_when_who_started_them_does(tmp_path, number):
    (tmp_path / "starter.py").write_text(STARTER)
    (tmp_path / "child.py").write_text(CHILD)
    runs = [tmp_path / f"run-{n}" for n in (1, 2)]
    with subprocess.Popen([sys.executable, "starter.py"], cwd=tmp_path) as starter:
        wait_for(lambda: all((run / "begun").exists() for run in runs))
        starter.send_signal(number)
        starter.wait()
    if number == signal.SIGKILL:
        wait_for(lambda: all((run / "saved").exists() for run in runs))
    assert all((run / "saved").exists() for run in runs)
    assert not (tmp_path / "run-3").exists()


def wait_for(ready):
    until = time.monotonic() + 30
    while not ready():
        assert time.monotonic() < until
        time.sleep(0.02)
