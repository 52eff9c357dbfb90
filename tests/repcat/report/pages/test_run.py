"""A run's page: the recipe that repeats it, its figures, and nothing of where things are kept."""

import csv
import re
import tomllib

import pytest


@pytest.fixture
def said(repcat, scored, words_of) -> str:
    assert repcat("report", scored, "--patients", 1)[0] == 0
    return words_of(scored / "report.html")


def test_the_recipe_on_it_is_the_runs_every_default_filled_in(said, scored):
    start, end = said.index("[data]\n"), re.search(r"\ntensorboard = \w+\n", said).end()
    assert tomllib.loads(said[start:end]) == tomllib.loads((scored / "recipe.toml").read_text())


def test_the_summary_is_the_mean_and_the_range_of_the_models_scores(said, scored):
    with (scored / "metrics" / "phantoms.standard.csv").open() as file:
        rows = list(csv.DictReader(file))
    values = [float(row["body_psnr"]) for row in rows if row["method"] == "model"]
    mean = sum(values) / len(values)
    assert f"mean {mean:.2f}, from {min(values):.2f} to {max(values):.2f}" in said


def test_a_folder_is_told_by_its_last_name_alone(said, scored_once):
    assert "tiny.toml" in said and "repcat train" in said
    assert str(scored_once) not in said and str(scored_once.parent) not in said


def test_the_model_stands_beside_what_costs_nothing(said):
    for name in ("model", "constant", "mean volume", "nearest patient"):
        assert name in said
