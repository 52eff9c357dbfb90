"""A recipe's tables against the signatures of the parts that they name."""

import pytest

from repcat.config.recipe import Choice
from repcat.config.validate import TABLES, check_recipe
from repcat.errors import RecipeError

LEAST = {
    "data": {"use": "blobs"},
    "mapper": {"use": "repeat_concat"},
    "backbone": {"use": "unet", "channels": [4, 8]},
    "objective": {"use": "sinkhorn_ot"},
}


def problems(tables, parts):
    with pytest.raises(RecipeError) as caught:
        check_recipe(tables, "a.toml", parts)
    head, *lines = str(caught.value).splitlines()
    assert head == "a.toml cannot be run:"
    return [line.removeprefix("  - ") for line in lines]


def test_four_names_are_a_recipe_and_defaults_are_the_rest(parts):
    recipe = check_recipe(LEAST, "a.toml", parts)
    assert recipe.objective.options["inner_steps"] == 10
    assert recipe.dataset == Choice("blobs", {"train": 6})
    assert (recipe.data.size, recipe.train.batch_size, recipe.optim.lr) == (64, 8, 1e-4)
    assert recipe.players == {}


def test_an_empty_recipe_is_asked_for_each_part_with_what_there_is(parts):
    told = problems({}, parts)
    kinds = ("data", "mapper", "backbone", "objective")
    assert [line.partition(".use is missing; there are ")[0] for line in told] == list(kinds)
    assert "blobs" in told[0] and "sinkhorn_ot" in told[3]


def test_what_is_no_table_is_said_of_every_table(parts):
    told = problems(dict.fromkeys(TABLES, 3), parts)
    assert [f"{name} must be a table, not 3" for name in TABLES] == told[: len(TABLES)]


def test_a_key_of_the_dataset_and_one_of_the_data_table_are_told_apart(parts):
    recipe = check_recipe({**LEAST, "data": {"use": "blobs", "train": 9, "size": 16}}, "a", parts)
    assert (recipe.dataset.options, recipe.data.size) == ({"train": 9}, 16)
    (line,) = problems({**LEAST, "data": {"use": "blobs", "siez": 16}}, parts)
    assert line == "data.siez is unknown; did you mean 'size'?"


@pytest.mark.parametrize(
    ("optim", "line"),
    [
        ({"critic": {}}, "objective.optim.critic is unknown; there are model, potential"),
        ({"potential": 3}, "objective.optim.potential must be a table, not 3"),
        (3, "objective.optim must hold a table for each player, not 3"),
        (
            {"potential": {"lr": 0}},
            "objective.optim.potential.lr = 0: input should be greater than 0",
        ),
    ],
)
def test_a_players_optimiser_is_checked(parts, optim, line):
    assert problems({**LEAST, "objective": {"use": "sinkhorn_ot", "optim": optim}}, parts) == [line]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"views": [0, 90, 360]}, "data.views has 0 degrees twice"),
        ({"views": ["pa", 0]}, "data.views has 0 degrees twice"),
        ({"views": ["up"]}, "data.views: 'up' is no view"),
        ({"window": [5, 5]}, "data.window = [5, 5]: the first must be the lower"),
    ],
)
def test_what_no_single_option_can_say_is_checked(parts, data, words):
    (line,) = problems({**LEAST, "data": {"use": "blobs", **data}}, parts)
    assert words in line
