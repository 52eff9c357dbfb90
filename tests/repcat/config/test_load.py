"""Recipes: extends, --set, and every problem at once."""

import pytest

from repcat.config.load import merge, read
from repcat.errors import RecipeError

GOOD = """
[data]
use = "blobs"
size = 16
[mapper]
use = "repeat_concat"
[backbone]
use = "unet"
channels = [4, 8]
[objective]
use = "sinkhorn_ot"
inner_steps = 3
optim.potential.lr = 1e-5
[optim]
lr = 1e-3
betas = [0.5, 0.999]
"""


@pytest.fixture
def write(tmp_path):
    def make(text, name="a.toml"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return make


def test_a_recipe_written_out_and_read_again_is_the_same(write, parts):
    recipe = read(write(GOOD), parts=parts)
    assert read(write(recipe.to_toml(), "b.toml"), parts=parts) == recipe


def test_a_player_inherits_the_optimiser_of_all(write, parts):
    recipe = read(write(GOOD), parts=parts)
    assert (recipe.optim_of("model").lr, recipe.optim_of("potential").lr) == (1e-3, 1e-5)
    assert recipe.optim_of("potential").betas == (0.5, 0.999)


def test_extends_merges_key_by_key_but_a_changed_use_starts_afresh(write, parts):
    write(GOOD)
    ours = write('extends = "a.toml"\n[objective]\nuse = "l2"\n[optim]\nlr = 1.0\n', "b.toml")
    recipe = read(ours, parts=parts)
    assert recipe.objective.options == {"inner_steps": 1} and recipe.players == {}
    assert (recipe.optim.lr, recipe.optim.betas) == (1.0, (0.5, 0.999))


def test_set_takes_toml_and_wins(write, parts):
    recipe = read(write(GOOD), ["train.steps = 7", 'data.views = ["pa", 45]'], parts=parts)
    assert recipe.train.steps == 7
    assert [v.azimuth for v in recipe.views] == [0, 45]


def test_set_that_is_not_toml_says_how(write, parts):
    with pytest.raises(RecipeError, match="quotes"):
        read(write(GOOD), ["backbone.use = unet"], parts=parts)


def test_a_circle_of_extends_is_refused(write, parts):
    write('extends = "b.toml"')
    with pytest.raises(RecipeError, match="extends itself"):
        read(write('extends = "a.toml"', "b.toml"), parts=parts)


def test_nine_faults_give_nine_lines(write, parts):
    text = """
[data]
use = "blobs"
views = [0, 90, 360]
window = [100, -100]
[mapper]
use = "repeat_concatt"
[backbone]
use = "unet"
res_units = -1
[objective]
use = "sinkhorn_ot"
inner_stepz = 3
optim.critic.lr = 1
[optim]
lr = "fast"
[train]
step = 5
[trian]
"""
    with pytest.raises(RecipeError) as caught:
        read(write(text), parts=parts)
    told = str(caught.value)
    for words in (
        "0 degrees twice",
        "the first must be the lower",
        "did you mean 'repeat_concat'",
        "backbone.res_units = -1",
        "did you mean 'inner_steps'",
        "objective.optim.critic is unknown",
        "optim.lr = 'fast'",
        "did you mean 'steps'",
        "trian is unknown; did you mean 'train'",
    ):
        assert words in told
    assert told.count("\n  - ") == 9


def test_nine_views_are_refused(write, parts):
    with pytest.raises(RecipeError, match=r"data\.views"):
        read(write(GOOD), [f"data.views = {list(range(0, 90, 10))}"], parts=parts)


@pytest.mark.parametrize("text", ["[data", "data = 3", "\x00"])
def test_a_broken_file_is_one_message(write, parts, text):
    with pytest.raises(RecipeError):
        read(write(text), parts=parts)


def test_a_missing_file_is_named(tmp_path, parts):
    with pytest.raises(RecipeError, match=r"none\.toml"):
        read(tmp_path / "none.toml", parts=parts)


def test_merge_leaves_its_inputs_alone():
    below, above = {"a": {"x": 1}}, {"a": {"y": 2}}
    assert merge(below, above) == {"a": {"x": 1, "y": 2}}
    assert below == {"a": {"x": 1}} and above == {"a": {"y": 2}}
