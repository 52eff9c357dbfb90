"""Measures of a trained run, from the command line."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from repcat.cli import app
from repcat.errors import RepcatError

RECIPE = """
data = {use = "phantoms", size = 16, train = 1, validation = 1, test = 2}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [4, 8], res_units = 1}
objective.use = "l2"
train = {steps = 4, batch_size = 1, save_every = 2, log_every = 1, validate_every = 0}
"""


def call(*words):
    return CliRunner().invoke(app, list(map(str, words)), catch_exceptions=False).stdout


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("measures")
    (folder / "tiny.toml").write_text(RECIPE)
    call("train", folder / "tiny.toml", "--out", folder / "run", "--device", "cpu")
    return folder / "run"


def rows_of(path: Path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_measure_writes_its_csv_and_prints_a_table(run):
    told = call("measure", run, "--degrees", "0,5", "--device", "cpu")
    names = {p.name for p in (run / "metrics").glob("*.csv")}
    assert names == {
        "phantoms.collapse.csv",
        "phantoms.checkerboard.csv",
        "phantoms.lattice.csv",
        "phantoms.pose.csv",
        "phantoms.probe.csv",
        "phantoms.validation.convergence.csv",
    }
    assert "specific NCC" in told and "all +5 deg" in told and "step 4" in told


def test_convergence_scores_every_checkpoint_and_never_the_test_split(run):
    call("measure", run, "--what", "convergence", "--split", "test", "--device", "cpu")
    rows = rows_of(run / "metrics" / "phantoms.validation.convergence.csv")
    assert [(r["id"], r["method"]) for r in rows] == [
        ("phantom-100000", "step 2"),
        ("phantom-100000", "step 4"),
    ]
    assert {"body_psnr", "ssim", "peak"} <= rows[0].keys()


def test_json_holds_the_tables(run):
    found = json.loads(call("measure", run, "--what", "collapse", "--json", "--device", "cpu"))
    summary = found["tables"][0]["summary"]
    assert summary["truth"]["variance_ratio"]["mean"] == pytest.approx(1)
    assert summary["model"]["repeat_ratio"]["mean"] == 0  # no noise in a U-Net


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--what", "posee"), "did you mean 'pose'"),
        (("--degrees", "0,five"), "not numbers"),
        (("--what", "pose", "--step", "3"), "no checkpoint of step 3"),
    ],
)
def test_what_is_wrong_is_said(run, words, told):
    with pytest.raises(RepcatError, match=told):
        call("measure", run, *words, "--device", "cpu")
