"""What every command is tried on."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

import pytest
import torch

from repcat.cli import main
from repcat.io.volumes import write_mha

TINY = """
data = {use = "phantoms", size = 16, train = 2, validation = 1, test = 2}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [4, 8], res_units = 1}
objective.use = "l2"
optim.lr = 1e-2
[train]
steps = 4
batch_size = 1
save_every = 1
log_every = 1
validate_every = 4
ema = 0.5
"""


@pytest.fixture(scope="session")
def call():
    """The command line for fixtures that many tests share."""
    return _call


@pytest.fixture
def recipe(tmp_path):
    """A recipe on two phantoms that trains in a second."""
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return path


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory):
    """The run that `repcat train` makes of that recipe; tests do not write into it."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "tiny.toml").write_text(TINY)
    _call("train", folder / "tiny.toml", "--out", folder / "run", "--device", "cpu")
    return folder / "run"


@pytest.fixture
def trained(repcat, trained_once):
    """A copy of it in the folder that commands run in."""
    return Path(shutil.copytree(trained_once, "run"))


@pytest.fixture(scope="session")
def told():
    """Return a check: code 2, words on stderr, no traceback; it gives the error's lines."""
    return _told


def _told(result, *words):
    code, _, err = result
    assert code == 2, err
    assert "Traceback" not in err
    for word in words:
        assert word in err
    return err[err.index("error: ") :].splitlines()


@pytest.fixture(scope="session")
def chest():
    """Return a writer of trunks of 200 x 140 x 320 mm with two lungs, `low_mm` below the middle."""
    return _chest


def _chest(path, lung=-850.0, low_mm=0.0):
    grid = [(torch.arange(n) - (n - 1) / 2) * 8 for n in (40, 36, 40)]
    z, y, x = torch.meshgrid(*grid, indexing="ij")
    hu = torch.full(x.shape, -1000.0)
    hu[(x / 100) ** 2 + (y / 70) ** 2 < 1] = 30
    for side in (-1, 1):
        hu[((x - side * 45) / 35) ** 2 + (y / 45) ** 2 + ((z + low_mm) / 100) ** 2 < 1] = lung
    path.parent.mkdir(parents=True, exist_ok=True)
    write_mha(path, hu, (8.0, 8.0, 8.0), (0.0, 0.0, 0.0), "test")


@pytest.fixture
def scan(tmp_path, chest):
    """A folder of one such trunk, p0.mha."""
    chest(tmp_path / "in" / "p0.mha")
    return tmp_path / "in"


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """Two runs of other widths, trained for two steps on phantoms, with predictions."""
    folder = tmp_path_factory.mktemp("runs")
    recipe = folder / "tiny.toml"
    recipe.write_text(
        """
data = {use = "phantoms", size = 16, train = 2, validation = 1, test = 1}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [4, 8], res_units = 1}
objective.use = "l2"
train = {steps = 2, batch_size = 1, save_every = 1, ema = 0.5}
"""
    )
    wide = ("--set", "backbone.channels = [4, 16]")
    for words in (("one",), ("other", *wide)):
        _call("train", recipe, "--out", folder / words[0], *words[1:])
    _call("predict", folder / "one", "--pictures", 0)
    return folder


def _call(*words):
    with patch.object(sys, "argv", ["repcat", *map(str, words)]):
        try:
            main()
        except SystemExit as stop:
            assert not stop.code


@pytest.fixture
def run(finished, tmp_path):
    """A copy of the first of them, to be broken."""
    return Path(shutil.copytree(finished / "one", tmp_path / "run"))


@pytest.fixture(scope="session")
def forker():
    """A process that starts commands."""
    words = [sys.executable, str(Path(__file__).with_name("forker.py"))]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(words, **pipes) as process:
        yield process


class Started:
    """A command in a process of its own."""

    def __init__(self, forker, words, folder):
        self.forker, self.folder = forker, folder
        self.out = folder / f"said-{len(list(folder.glob('said-*')))}"
        order = {"words": [str(w) for w in words], "cwd": str(folder), "out": str(self.out)}
        self.process = self._ask(**order)
        self.code = None

    def _ask(self, **order):
        self.forker.stdin.write(json.dumps(order) + "\n")
        self.forker.stdin.flush()
        return json.loads(self.forker.stdout.readline())

    def send(self, number, group=False):
        (os.killpg if group else os.kill)(self.process, number)

    def wait(self):
        if self.code is None:
            self.code = self._ask(wait=self.process)
        return self.code, self.out.read_text()

    def after(self, ready, seconds=60):
        """Wait until something is true, and say what the command said where it never is."""
        until = time.monotonic() + seconds
        while not ready():
            assert time.monotonic() < until, self.out.read_text()
            time.sleep(0.01)
        return self


@pytest.fixture
def started(forker, tmp_path):
    """Start commands in processes of their own; what a test leaves running is killed."""
    begun = []

    def start(*words):
        begun.append(Started(forker, words, tmp_path))
        return begun[-1]

    yield start
    for one in begun:
        if one.code is None:
            with suppress(ProcessLookupError):
                one.send(signal.SIGKILL, group=True)
            one.wait()
