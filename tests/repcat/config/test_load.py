"""Recipes: extends, --set, and every problem at once."""

from typing import Annotated

import pytest
from annotated_types import Gt

from repcat.config.load import read
from repcat.config.validate import check_recipe
from repcat.config.view_rule import PATTERNS
from repcat.errors import RecipeError
from repcat.view import View

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
    assert recipe.objective.options["inner_steps"] == 1 and recipe.players == {}
    assert (recipe.optim.lr, recipe.optim.betas) == (1.0, (0.5, 0.999))


def test_set_takes_toml_and_wins(write, parts):
    recipe = read(write(GOOD), ["train.steps = 7", 'data.views = ["pa", 45]'], parts=parts)
    assert recipe.train.steps == 7
    assert [v.azimuth for v in recipe.views] == [0, 45]


def test_set_that_is_not_toml_says_how(write, parts):
    with pytest.raises(RecipeError, match="code: not-toml"):
        read(write(GOOD), ["backbone.use = unet"], parts=parts)


def test_a_circle_of_extends_is_refused(write, parts):
    write('extends = "b.toml"')
    with pytest.raises(RecipeError, match="code: extends-itself"):
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
        "a.toml",
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


@pytest.mark.parametrize("name", ["march", "nanodrr"])
def test_a_projector_without_options_stays_a_name(write, parts, name):
    """As it was written before projectors had options: such runs resume."""
    recipe = read(write(GOOD), [f'data.projector = "{name}"'], parts=parts)
    assert f'projector = "{name}"' in recipe.to_toml()
    table = read(write(GOOD), [f'data.projector.use = "{name}"'], parts=parts)
    assert table == recipe


def test_the_options_of_a_projector_are_written_out_in_full(write, parts):
    recipe = read(write(GOOD), ['data.projector = {use = "march", step_mm = 3}'], parts=parts)
    assert recipe.projector.options == {"step_mm": 3.0}
    assert read(write(recipe.to_toml(), "b.toml"), parts=parts) == recipe
    usual = read(write(GOOD), ['data.projector = {use = "march", step_mm = 1}'], parts=parts)
    assert usual == read(write(GOOD), ['data.projector = "march"'], parts=parts)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (
            '"marhc"',
            r"data\.projector\.use: no projector .* 'marhc'; did you mean 'march'\?",
        ),
        ('{use = "march", step_m = 1}', r"projector\.step_m is unknown; did you mean 'step_mm'\?"),
        ('{use = "march", step_mm = "x"}', r"data\.projector\.step_mm = 'x': .* valid number"),
        ('{use = "march", step_mm = 0}', r"data\.projector\.step_mm = 0: .* equal to 0.01"),
        ("{step_mm = 1}", r"data\.projector\.use is missing; there are march, nanodrr"),
        ("3", r"data\.projector must be a name or a table, not 3"),
    ],
)
def test_a_wrong_projector_is_told_with_all_else(write, parts, value, told):
    settings = [f"data.projector = {value}", "train.step = 3"]
    with pytest.raises(RecipeError, match=told) as caught:
        read(write(GOOD), settings, parts=parts)
    assert "did you mean 'steps'" in str(caught.value)


def largest(*, share: Annotated[float, Gt(0)] = 1.0):
    """Score by the largest error."""


def test_metrics_of_a_recipe_are_checked_and_written_out(write, parts):
    parts.metrics.add("largest", largest)
    recipe = read(write(GOOD), ["metrics.largest = {}"], parts=parts)
    assert recipe.metrics == {"largest": {"share": 1.0}}
    assert read(write(recipe.to_toml(), "b.toml"), parts=parts) == recipe
    assert "metrics" not in read(write(GOOD), parts=parts).to_toml()


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("larges = {}", r"metrics\.larges\.use: no metric is called .* did you mean 'largest'"),
        ("largest.shar = 1", r"metrics\.largest\.shar is unknown; did you mean 'share'"),
        ("largest.share = 0", r"metrics\.largest\.share = 0: .* greater than 0"),
        ("largest = 2", r"metrics\.largest must be a table, not 2"),
    ],
)
def test_a_wrong_metric_is_told(write, parts, value, told):
    parts.metrics.add("largest", largest)
    with pytest.raises(RecipeError, match=told):
        read(write(GOOD), [f"metrics.{value}"], parts=parts)


def test_nine_views_are_refused(write, parts):
    with pytest.raises(RecipeError, match="code: recipe-problems"):
        read(write(GOOD), [f"data.views = {list(range(0, 90, 10))}"], parts=parts)


@pytest.mark.parametrize("drawn", [[0, 2], [2, 1], [1, 3], [3, 0], [-1, 2]])
def test_views_are_drawn_from_those_there_are(write, parts, drawn):
    with pytest.raises(RecipeError, match=r"data\.views_drawn = .*: give two numbers from 1 to 2"):
        read(write(GOOD), [f"data.views_drawn = {drawn}"], parts=parts)
    assert read(write(GOOD), ["data.views_drawn = [1, 2]"], parts=parts).data.views_drawn == (1, 2)


BANK = ["data.views = ['bank:24']", "data.views_scored = [0, 90]"]


def test_a_rule_of_views_is_kept_whole_and_read_again(write, parts):
    recipe = read(
        write(GOOD), [*BANK, "data.views_drawn = {one = 0.2, arc = [20, 60]}"], parts=parts
    )
    rule = recipe.data.views_drawn
    assert (rule["one"], rule["two"], rule["arc"]) == (0.2, 0.35, (20, 60))
    assert (len(recipe.bank), recipe.views) == (24, (View(0), View(90)))
    assert check_recipe(recipe.to_tables(), "again", parts) == recipe
    assert (
        read(write(GOOD), [*BANK, "data.views_drawn = {}"], parts=parts).data.views_drawn["most"]
        == 8
    )


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (["data.views_drawn = {}"], "batches of 8 views can never be drawn, data.views has 2"),
        ([*BANK, "data.views_drawn = {most = 25}"], "batches of 25 views can never be drawn"),
        ([*BANK, "data.views_drawn = {most = 2}"], r"leave 0\.5 of the batches to 3 views"),
        ([*BANK, "data.views_drawn = {one = 0.8, two = 0.3}"], "more than all batches"),
        ([*BANK, "data.views_drawn = {on = 0.2}"], "views_drawn.on is unknown; did you mean 'one'"),
        ([*BANK, "data.views_drawn = {even = -1}"], r"views_drawn\.even = -1: .* greater than"),
        ([*BANK, "data.views_drawn = {arc = [60, 30]}"], "the first must be the narrower"),
        ([*BANK, *(f"data.views_drawn.{p} = 0" for p in PATTERNS)], "no pattern has a weight"),
        ([*BANK, "data.views_drawn = 'mixed'"], r"views_drawn.* = 'mixed': "),
        (BANK, "24 views, and 8 at most are read at once: .* data.views_drawn"),
        ([BANK[0], "data.views_drawn = [1, 8]"], "name with data.views_scored the 8 at most"),
        (["data.views_scored = [30]"], "views_scored: 30 is none of data.views"),
        (["data.views_scored = [0, 0]"], "names a view twice"),
        (["data.views = ['bank:73']"], "'bank:73' is no bank"),
        (["data.views = ['bank:24', 0]"], "has 0 degrees twice"),
        (["data.views = ['30 tilt 5', '30 tilt 5']"], "has 30 tilt 5 degrees twice"),
        (["data.views = ['30 tilt 90']"], "'30 tilt 90' is no view"),
        (["data.views = []"], r"data\.views = .* at least 1 item"),
        (
            ["data.views = [40, 80]", "data.views_drawn = {one = 0.5, two = 0.5}"],
            "frontal_lateral can never be drawn: data.views has none within 10 degrees of 0;",
        ),
    ],
)  # fmt: skip
def test_views_that_can_never_be_drawn_or_scored_are_told(write, parts, settings, told):
    with pytest.raises(RecipeError, match=told):
        read(write(GOOD), settings, parts=parts)


@pytest.mark.parametrize("text", ["[data", "data = 3", "\x00"])
def test_a_broken_file_is_one_message(write, parts, text):
    with pytest.raises(RecipeError, match=r"a\.toml"):
        read(write(text), parts=parts)


def test_a_missing_file_is_named(tmp_path, parts):
    with pytest.raises(RecipeError, match="code: recipe-unreadable"):
        read(tmp_path / "none.toml", parts=parts)
