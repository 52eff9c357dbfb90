"""`repcat metrics` as a user types it."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from repcat.commands.metrics import app


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_convert_answers_and_says_why() -> None:
    text = run("convert", "24.32", "--from", "seed2024", "--to", "standard")
    assert text.splitlines()[0] == "18.1 dB on the scale of standard"
    assert "20 log10(4095/2000) = -6.224 dB" in text
    assert "24.32 - 6.224 + 0.000 = 18.096 dB" in text
    assert "What this cannot undo" in text


def test_list_names_every_protocol_with_what_its_peak_adds() -> None:
    found = json.loads(run("list", "--json"))
    offsets = {p["name"]: round(p["offset_db"], 3) for p in found}
    assert offsets == {
        "standard": 0,
        "seed2024": 6.224,
        "x2ct2019": 4.286,
        "perx2ct2023": 4.286,
        "psct2026": 0,
        "sparc2026": 0,
    }
    assert all(name in run("list") for name in offsets)


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    hu = np.full((16, 16, 16), -1000.0, dtype=np.float32)
    hu[3:13, 3:13, 3:13] = 40
    for name, array in (("truth", hu), ("prediction", hu + 20)):
        np.save(tmp_path / f"{name}.npy", array)
    return str(tmp_path / "truth.npy"), str(tmp_path / "prediction.npy")


def test_score_of_a_shift_of_20_hu_is_40_decibels(files) -> None:
    found = json.loads(run("score", *files, "--protocol", "standard", "--json"))
    assert found["standard"]["psnr"] == pytest.approx(40, abs=1e-3)  # 20 of 2000 HU
    text = run("score", *files)
    assert "PSNR dB ↑" in text and "x2ct2019" in text and "psct2026" not in text
    (found,) = json.loads(run("score", *files, "--protocol", "psct2026", "--json")).values()
    assert found["psnr"] == pytest.approx(20 * math.log10(2500 / 20), abs=1e-2)


def test_a_window_upside_down_is_refused(repcat, scan, told):
    words = ("metrics", "score", scan / "p0.mha", scan / "p0.mha", "--window", 5, 1)
    told(repcat(*words), "the first must be the lower")
