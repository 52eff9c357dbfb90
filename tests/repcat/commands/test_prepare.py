from __future__ import annotations

from pathlib import Path

import pytest
import torch
import typer
from typer.testing import CliRunner

from repcat.commands.prepare import prepare
from repcat.errors import RepcatError
from repcat.io.volumes import write_mha


def call(*arguments: str | Path) -> str:
    app = typer.Typer()
    app.command("prepare")(prepare)
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    if result.exception:
        raise result.exception
    return result.output


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    z, y, x = torch.meshgrid(*[(torch.arange(30) - 14.5) * 8] * 3, indexing="ij")
    hu = torch.full((30, 30, 30), -1000.0)
    hu[(x / 90) ** 2 + (y / 70) ** 2 < 1] = 30
    hu[(x / 60) ** 2 + (y / 45) ** 2 + (z / 80) ** 2 < 1] = -850
    write_mha(tmp_path / "a.mha", hu, (8.0, 8.0, 8.0), (0.0, 0.0, 0.0), "test")
    return tmp_path / "a.mha"


def test_it_says_what_there_is_and_where_to_look(scan: Path, tmp_path: Path) -> None:
    said = call(scan, "--out", tmp_path / "d", "--size", "16", "--views", "pa,90",
                "--clip", "-1000,500", "--drr-window", "-900,2000")  # fmt: skip
    assert "1 scan (1 train, 0 validation, 0 test), 16^3 voxels, 2 views" in said
    assert str(tmp_path / "d/previews") in said.replace("\n", "")


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--views", "0,0"], "same angle"),
        (["--views", "0,360"], "same angle"),
        (["--views", "up"], "'up' is no view"),
        (["--clip", "1"], "--clip '1' is no range"),
        (["--split", "x"], "three shares"),
        (["--projector", "nanodr"], "did you mean 'nanodrr'"),
    ],
)
def test_wrong_options_are_one_line(
    scan: Path, tmp_path: Path, options: list[str], word: str
) -> None:
    with pytest.raises(RepcatError, match=word):
        call(scan, "--out", tmp_path / "d", *options)
    assert not (tmp_path / "d").exists()
