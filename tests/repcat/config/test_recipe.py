"""A recipe as a value: what it gives, and the tables it is written as."""

import tomllib
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from repcat import View, Window
from repcat.config.recipe import Choice, Recipe
from repcat.config.schema import AugmentTable, DataTable, OptimTable, TrainTable


@pytest.fixture
def recipe() -> Recipe:
    slow = OptimTable(lr=1e-5)
    return Recipe(
        dataset=Choice("prepared", {"path": Path("in") / "here", "note": None}),
        mapper=Choice("repeat", {"sizes": ((1, 2), (3, None)), "deep": {"a": None, "b": (1,)}}),
        backbone=Choice("unet", {"channels": (4, 8)}),
        objective=Choice("ot", {"cost": "l2"}),
        data=DataTable(size=16, views=("pa", 45.0), window=(-500.0, 500.0)),
        augment=AugmentTable(flip_p=0.5),
        optim=OptimTable(lr=1e-3),
        players={"potential": slow},
        train=TrainTable(steps=7),
        metrics={"largest": {"share": 1.0}},
    )


def test_its_views_window_and_projector_are_what_the_data_table_says(recipe):
    assert recipe.views == (View(0), View(45)) and recipe.window == Window(-500, 500)
    assert recipe.projector == Choice("nanodrr", {})
    told = replace(recipe.data, projector={"use": "march", "step_mm": 2})
    assert replace(recipe, data=told).projector == Choice("march", {"step_mm": 2})


def test_a_player_without_its_own_optimiser_has_that_of_all(recipe):
    rates = [recipe.optim_of(player).lr for player in ("potential", "model")]
    assert rates == [1e-5, 1e-3]


def test_its_tables_are_plain_and_whole(recipe):
    tables = recipe.to_tables()
    assert list(tables) == [
        "data", "mapper", "backbone", "objective", "augment", "optim", "train", "metrics"
    ]  # fmt: skip
    data = tables["data"]
    assert (data["use"], data["path"], data["views"]) == ("prepared", "in/here", ["pa", 45.0])
    assert data["size"] == 16 and data["window"] == [-500.0, 500.0] and "note" not in data
    assert tables["mapper"] == {"use": "repeat", "sizes": [[1, 2], [3, None]], "deep": {"b": [1]}}
    assert tables["backbone"] == {"use": "unet", "channels": [4, 8]}
    assert tables["optim"] == {**asdict(recipe.optim), "betas": [0.9, 0.999]}
    slow = {"potential": {**tables["optim"], "lr": 1e-5}}
    assert tables["objective"] == {"use": "ot", "cost": "l2", "optim": slow}
    assert tables["augment"] == asdict(recipe.augment)
    assert tables["train"] == {**asdict(recipe.train), "quantiles": [0.0, 0.0]}
    assert tables["metrics"] == {"largest": {"share": 1.0}}


def test_what_it_has_not_is_not_written(recipe):
    tables = replace(recipe, players={}, metrics={}).to_tables()
    assert "metrics" not in tables and "optim" not in tables["objective"]


def test_toml_holds_the_tables(recipe):
    told = replace(recipe, mapper=Choice("repeat", {}))
    assert tomllib.loads(told.to_toml()) == told.to_tables()
