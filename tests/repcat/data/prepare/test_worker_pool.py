"""Processes of the pool end with their parent, and run its repcat."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

PARENT = """
import os, time
import repcat
from repcat.data.prepare.worker_pool import map_apart, start_context

def about(_):
    return os.getpid(), repcat.__file__

if __name__ == "__main__":
    for pid, where in map_apart(about, [0, 1], 2, start_context()):
        print(pid, where == repcat.__file__, flush=True)
        time.sleep(60)
"""


@pytest.mark.slow
def test_a_worker_runs_its_parents_repcat_and_does_not_outlive_it_killed(tmp_path) -> None:
    (tmp_path / "parent.py").write_text(PARENT)
    other = tmp_path / "work/repcat"  # where Python would look first, were it not told otherwise
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("raise SystemExit")
    words = [sys.executable, str(tmp_path / "parent.py")]
    with subprocess.Popen(words, cwd=other.parent, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker, same = parent.stdout.readline().split()
        os.kill(parent.pid, signal.SIGKILL)
    assert same == "True"
    patience = time.monotonic() + 20
    with pytest.raises(ProcessLookupError):
        while time.monotonic() < patience:
            os.kill(int(worker), 0)
            time.sleep(0.05)
