"""The command line as a user meets it."""

import sys

import pytest

from repcat.cli import main


@pytest.fixture
def repcat(capsys, monkeypatch, tmp_path):
    """Run a command in an empty folder; returns exit code, output, errors."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["repcat", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.fixture
def recipe(tmp_path):
    """A recipe on two phantoms that trains in a second."""
    path = tmp_path / "tiny.toml"
    path.write_text(
        """
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
validate_every = 2
ema = 0.5
"""
    )
    return path
