"""What every room is tried with."""

import subprocess
import sys

import pytest

# Runs a code in copies of a folder, killed at its first, second, third ... change of a file.
KILLER = """
import os, shutil, signal, sys
template, out, imports, code = sys.argv[1:]
exec(imports)
action, number, killed = compile(code, "action", "exec"), 0, True
while killed:
    number += 1
    place = shutil.copytree(template, f"{out}/{number:03d}")
    if not (child := os.fork()):
        os.chdir(place)
        left = number
        def hook(event, args):
            global left
            left -= event in ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir")
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
        sys.addaudithook(hook)
        exec(action)
        os._exit(0)
    killed = os.waitpid(child, 0)[1] != 0
"""


@pytest.fixture
def killed_everywhere(tmp_path):
    """Return what runs a code in copies of a folder, each killed one step later, the last never.

    It gives the copies, as they were left.
    """
    if sys.platform == "win32":
        pytest.skip("no fork")

    def run(template, imports, code):
        out = tmp_path / "killed"
        out.mkdir()
        words = [sys.executable, "-c", KILLER, template, out, imports, code]
        subprocess.run(words, check=True)
        return sorted(out.iterdir())

    return run
