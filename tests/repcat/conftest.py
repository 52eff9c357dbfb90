"""What every room is tried with."""

import json
import os
import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest
import SimpleITK as sitk

from repcat.errors import DataError
from repcat.io.strangers import server
from repcat.io.strangers.apart import read_apart
from repcat.io.strangers.job import Job

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


@pytest.fixture(autouse=True, scope="module")
def _phantoms(drawn_once):
    """Let the many tests of commands and trainings draw the same few phantoms once."""


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


@pytest.fixture
def same_in_process():
    """Return a check that the reading child says what its function says here; was it read?"""
    return _same_in_process


def _same_in_process(function, path, content=None):
    if isinstance(content, sitk.Image):
        sitk.WriteImage(content, os.fspath(path))
    elif isinstance(content, np.ndarray):
        np.save(path, content)
    elif content:
        path.write_bytes(content)
    module, _, name = function.partition(":")
    job = Job([path], {"large": False})
    here, fault = server._read(getattr(import_module(module), name), job, path.stat().st_size)
    try:
        there = read_apart(function, path)
    except DataError as error:
        assert fault[0] in str(error)
        return False
    assert not fault and there.values == json.loads(json.dumps(here.facts))
    for one, other in zip(there.arrays, here.arrays, strict=True):
        np.testing.assert_array_equal(one, other)
    return True
