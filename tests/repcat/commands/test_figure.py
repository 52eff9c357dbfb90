"""`repcat figure`: pictures of trained runs, and what goes wrong."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from repcat.cli import app

RECIPE = """
data = {use = "phantoms", size = 16, train = 1, validation = 1, test = 2}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [4, 8], res_units = 1}
objective.use = "l2"
train = {steps = 2, batch_size = 1, log_every = 1}
"""
CHANGES = {"one": "data.views = [0.0]", "two": "data.seed = 0", "other": "data.seed = 1"}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    (folder / "tiny.toml").write_text(RECIPE)
    for name, change in CHANGES.items():
        words = ["train", folder / "tiny.toml", "--out", folder / name, "--set", change]
        assert CliRunner().invoke(app, [*map(str, words), "--device", "cpu"]).exit_code == 0
    return folder


@pytest.fixture
def runs(repcat, trained):
    return [trained / "one", trained / "two"]


def test_every_figure_is_drawn_from_runs(repcat, runs):
    for words in (
        ("projections", *runs, "--patients", 1),
        ("comparison", *runs, "--patients", 1, "--way", "max"),
        ("gradients", runs[1], "--patients", 2),
        ("curves", *runs),
    ):
        code, _, err = repcat("figure", *words)
        assert code == 0, err
        assert Path(f"{words[0]}.png").stat().st_size > 1000


def test_a_scatter_needs_scores_and_then_is_drawn(repcat, runs):
    two = runs[1]
    code, _, err = repcat("figure", "scatter", two)
    assert code == 2 and f"repcat evaluate {two}" in err
    assert repcat("predict", two, "--pictures", 0)[0] == 0
    assert repcat("evaluate", two, "--protocol", "standard")[0] == 0
    assert repcat("figure", "scatter", two, "--out", "s.png")[0] == 0
    code, _, err = repcat("figure", "scatter", two, "--x", "psrn")
    assert code == 2 and "has no figure 'psrn'; it has" in err


def test_films_are_drawn_of_a_recipe(repcat, trained):
    recipe = trained / "tiny.toml"
    assert repcat("figure", "films", recipe, "--set", "augment.film = {arms = 50.0}")[0] == 0
    small = Path("films.png").stat().st_size
    assert repcat("figure", "films", recipe, "--out", "bank.png")[0] == 0
    assert Path("bank.png").stat().st_size > small > 1000  # all effects of the bank, not one


def test_runs_of_other_data_are_not_drawn_together(repcat, runs, trained):
    code, _, err = repcat("figure", "comparison", runs[1], trained / "other")
    assert code == 2 and "another truth" in err and not Path("comparison.png").exists()


def test_what_cannot_be_drawn_is_said(repcat, runs):
    assert "given twice" in repcat("figure", "curves", runs[1], runs[1])[2]
    assert "no .png" in repcat("figure", "curves", runs[1], "--out", "a.jpg")[2]
    assert "no run" in repcat("figure", "gradients", "none")[2]
