"""Scores over number and spread of views: sets that are what they say, and one model's rows."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from repcat.analysis.view_sets import SETS, even
from repcat.cli import app
from repcat.errors import RepcatError

RECIPE = """
data = {use = "phantoms", size = 16, train = 2, validation = 1, test = 2, views = ["bank:4"]}
mapper = {use = "view_pool", features = 2, layers = 1}
backbone = {use = "unet", channels = [4, 8], res_units = 1}
objective.use = "l2"
train = {steps = 2, batch_size = 1, save_every = 2, log_every = 1, validate_every = 0}
"""


def call(*words):
    return CliRunner().invoke(app, list(map(str, words)), catch_exceptions=False).stdout


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("views")
    (folder / "any.toml").write_text(RECIPE)
    call("train", folder / "any.toml", "--out", folder / "run", "--device", "cpu")
    return folder / "run"


def test_sets_are_spread_as_they_are_called() -> None:
    names = [one.name for one in SETS]
    assert len({*names}) == len(names) and {len(one.azimuths) for one in SETS} >= {1, 2, 4, 8}
    for one in SETS:
        count, around = len(one.azimuths), {a % 180 for a in one.azimuths}
        if one.pattern == "opposed":
            assert len(around) == count // 2  # each has one that faces it
        elif one.pattern == "even":
            assert one.azimuths == tuple(180 * n / count for n in range(count))
        assert len({*one.azimuths}) == count
    assert even(4, 60) == (0, 15, 30, 45)


def test_one_run_is_scored_from_every_set_and_drawn(run: Path, tmp_path: Path) -> None:
    told = call("measure", run, "--what", "views", "--device", "cpu")
    assert "8 views, even" in told and "1 view, frontal" in told
    with next((run / "metrics").glob("*.views.csv")).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * len(SETS)
    assert {int(float(r["views"])) for r in rows} == {len(one.azimuths) for one in SETS}
    figures = {r["method"]: r["body_psnr"] for r in rows if r["id"] == rows[0]["id"]}
    assert len({*figures.values()}) > len(SETS) // 2  # other views, other volumes
    out = tmp_path / "views.png"
    call("figure", "views", run, "--out", out)
    assert out.read_bytes()[:4] == b"\x89PNG"
    with pytest.raises(RepcatError, match="has no figure 'nonsense'"):
        call("figure", "views", run, "--out", out, "--figure", "nonsense")


def test_the_recipes_own_views_give_the_same_scores_as_predict_and_evaluate(run: Path) -> None:
    call("predict", run, "--device", "cpu")
    call("evaluate", run)
    call("measure", run, "--what", "views", "--device", "cpu")
    with next((run / "metrics").glob("*.standard.csv")).open(newline="") as file:
        whole = {
            r["id"]: float(r["body_psnr"]) for r in csv.DictReader(file) if r["method"] == "model"
        }
    with next((run / "metrics").glob("*.views.csv")).open(newline="") as file:
        same = [r for r in csv.DictReader(file) if r["method"] == "4 views, opposed"]
    for row in same:  # bank:4 is 0, 90, 180, 270
        assert float(row["body_psnr"]) == pytest.approx(whole[row["id"]], abs=1e-3)


def test_a_model_of_certain_views_is_refused_and_says_which_is_not(tmp_path: Path) -> None:
    fixed = RECIPE.replace(
        '{use = "view_pool", features = 2, layers = 1}', '{use = "repeat_concat"}'
    )
    (tmp_path / "fixed.toml").write_text(fixed.replace('["bank:4"]', "[0.0, 90.0]"))
    call("train", tmp_path / "fixed.toml", "--out", tmp_path / "run", "--device", "cpu")
    with pytest.raises(RepcatError, match="reads the views of its recipe alone"):
        call("measure", tmp_path / "run", "--what", "views", "--device", "cpu")
    with pytest.raises(RepcatError, match="was not measured by views"):
        call("figure", "views", tmp_path / "run", "--out", tmp_path / "x.png")
