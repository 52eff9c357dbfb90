"""A study file: what it says, and every way in which it can be wrong."""

import re

import pytest

from repcat.config.load import merge
from repcat.errors import RecipeError
from repcat.studies.expand import compose, inline, overlay, variants
from repcat.studies.rows import folder_of
from repcat.studies.spec import read_study

BASE = """
data = {use = "blobs", size = 16}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [4, 8], res_units = 1}
objective.use = "l2"
"""
STUDY = """
title = "Views"
base = "base.toml"
protocol = "seed2024"
seeds = [1, 2]
[[dataset]]
name = "LIDC-IDRI"
[[row]]
id = "P07"
name = "1 view"
change.data.views = [0.0]
published = {LIDC-IDRI = {psnr = 23.2198}}
[[row]]
id = ["P08", "P13"]
name = "2 views"
"""


@pytest.fixture
def study(tmp_path, parts):
    """Write a study, some text of it replaced, and read it."""
    (tmp_path / "base.toml").write_text(BASE)

    def read(*changes):
        text = STUDY
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "study.toml").write_text(text)
        return read_study(tmp_path / "study.toml", parts)

    return read


def test_a_study_is_read(study):
    found = study()
    assert (found.title, found.protocol, found.seeds) == ("Views", "seed2024", (1, 2))
    assert [row.ids for row in found.rows] == [("P07",), ("P08", "P13")]
    assert found.rows[0].published["LIDC-IDRI"]["psnr"] == 23.2198
    assert folder_of(found.rows[0].name) == "1-view"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('"P07"', '"P66"'), "there is no item 'P66'; P01-P65, F1-F5, C1, C2"),
        (('name = "2 views"', ""), "row 2.name is missing"),
        (('"2 views"', '"1 View"'), "2 rows have the same name: '1 view', '1 View'"),
        (("seeds", "seedz"), "study.seedz is unknown; did you mean 'seeds'"),
        (('"seed2024"', '"seed2023"'), "protocol: no protocol is called 'seed2023'; did you mean"),
        (("psnr =", "psnrr ="), "psnrr is unknown; did you mean 'psnr'"),
        (("{LIDC-IDRI", "{LIDC"), "no dataset 'LIDC'; did you mean 'LIDC-IDRI'"),
        (('"base.toml"', '"bass.toml"'), "there is no recipe"),
        (('base = "base.toml"', ""), "has no recipe and the study no base"),
        (("published", "publishd"), "publishd is unknown; did you mean 'published'"),
        (('title = "Views"', 'metrics = ["psnrr"]\ntitle = "a"'), "did you mean 'psnr'"),
    ],
)
def test_a_wrong_study_says_where_and_what_now(study, change, told):
    with pytest.raises(RecipeError, match=re.escape(told)):
        study(change)


def test_a_row_of_another_protocol_is_refused_and_told_to_convert(study):
    change = ('name = "1 view"', 'name = "1 view"\nprotocol = "x2ct2019"')
    told = "repcat metrics convert FIGURE --from x2ct2019 --to seed2024"
    with pytest.raises(RecipeError, match=told):
        study(change)


def test_a_study_may_name_any_installed_protocol_and_its_own_figures(study):
    of_psct = (("seed2024", "psct2026"), ("psnr = 23", "psnr_3d = 23"))
    assert study(*of_psct).rows[0].published["LIDC-IDRI"] == {"psnr_3d": 23.2198}
    with pytest.raises(RecipeError, match="psnr_3d is unknown; did you mean 'psnr'"):
        study(of_psct[1])


def test_a_file_that_is_no_toml_is_refused(study, tmp_path, parts):
    (tmp_path / "s.toml").write_text("a = [")
    with pytest.raises(RecipeError, match="code: not-toml"):
        read_study(tmp_path / "s.toml", parts)


def test_a_row_keeps_what_it_changes_when_all_rows_are_set(study, parts):
    settings = ["data.views = [90.0]", "data.size = 32"]
    one, two = (v.recipe.data for v in variants(study(), settings, parts))
    assert (one.views, one.size) == ((0.0,), 32)
    assert (two.views, two.size) == ((90.0,), 32)


def test_a_change_outlives_another_dataset(study, parts):
    one, two = variants(study(), ['data = {use = "phantoms", size = 16}'], parts)
    assert (one.recipe.dataset.use, one.recipe.data.views) == ("phantoms", (0.0,))
    assert two.recipe.data.views == (0.0, 90.0)


def test_a_change_of_the_study_outlives_another_dataset(study, parts):
    common = ("seeds", "change.data = {size = 32, path = 'elsewhere'}\nseeds")
    found = variants(study(common), ['data = {use = "phantoms"}'], parts)
    assert {(v.recipe.dataset.use, v.recipe.data.size) for v in found} == {("phantoms", 32)}


def test_rows_of_other_parts_take_the_options_that_they_have(study, parts):
    found = study(('name = "2 views"', 'name = "2 views"\nchange.backbone.use = "segresnet"'))
    settings = ["backbone = {channels = [2, 4], width = 4}"]
    one, two = (v.recipe.backbone.options for v in variants(found, settings, parts))
    assert list(one["channels"]) == [2, 4] and two["width"] == 4


def test_a_change_of_the_study_is_taken_by_the_rows_that_have_it(study, parts):
    common = ("seeds", "change.objective = {inner_steps = 3, blur = 0.5}\nseeds")
    of_one = ('name = "2 views"', 'name = "2 views"\nchange.objective.inner_steps = 7')
    one, two = (v.recipe.objective.options for v in variants(study(common, of_one), [], parts))
    assert (one["inner_steps"], two["inner_steps"]) == (3, 7)
    assert "blur" not in {*one, *two}


def test_a_setting_goes_before_a_change_of_the_study(study, parts):
    common = ("seeds", "change.objective.inner_steps = 3\nseeds")
    found = variants(study(common), ["objective.inner_steps = 2"], parts)
    assert [v.recipe.objective.options["inner_steps"] for v in found] == [2, 2]


def test_settings_may_come_from_a_file(study, parts, tmp_path):
    (tmp_path / "toy.toml").write_text("data.size = 32\n[train]\nsteps = 3\n")
    found = variants(study(), [f"@{tmp_path / 'toy.toml'}", "train.steps = 4"], parts)
    assert {(v.recipe.data.size, v.recipe.train.steps) for v in found} == {(32, 4)}
    with pytest.raises(RecipeError, match="code: no-such-recipe"):
        variants(study(), [f"@{tmp_path / 'tou.toml'}"], parts)


def test_an_option_that_no_row_has_is_refused(study, parts):
    with pytest.raises(RecipeError, match="code: no-such-option"):
        variants(study(), ["backbone.chanels = [4]"], parts)


def test_a_row_that_cannot_be_run_is_named(study, parts):
    found = study(("views = [0.0]", "views = [0.0, 0.0]"))
    with pytest.raises(RecipeError, match="row '1 view' cannot be run"):
        variants(found, [], parts)


def test_the_words_of_a_row_make_its_tables_again(parts):
    base = {"data": {"use": "blobs", "size": 16}, "objective": {"use": "l2"}}
    change = {"data": {"views": [0.0]}, "objective": {"use": "gan"}}
    tables, _ = compose(base, change, {"data": {"size": 32}}, parts)
    over = overlay(base, tables)
    assert merge(base, over) == tables
    assert over == {"data": {"size": 32, "views": [0.0]}, "objective": {"use": "gan"}}
    assert inline(over["data"]) == "{size = 32, views = [0.0]}"


def test_a_study_of_too_many_rows_is_one_line(study):
    many = "".join(f'[[row]]\nname = "{n}"\n' for n in range(100_000))
    with pytest.raises(RecipeError, match="code: study-unreadable"):
        study(("[[row]]\nid = [", f"{many}[[row]]\nid = ["))
    with pytest.raises(RecipeError, match="code: study-problems") as caught:
        study(("[[row]]\nid = [", f"{many[:39_950]}[[row]]\nid = ["))
    assert "at most 1000 items" in str(caught.value) and len(str(caught.value)) < 1_000


def test_a_study_of_many_wrong_rows_is_told_in_few_lines(study):
    many = "".join(f'[[row]]\nname = "{n}"\nx.y = 1\nid = "P99"\n' for n in range(500))
    with pytest.raises(RecipeError) as caught:
        study(("[[row]]\nid = [", f"{many}[[row]]\nid = ["))
    assert "and 950 more" in str(caught.value) and len(str(caught.value)) < 20_000
