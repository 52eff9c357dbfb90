"""Every item of the paper's inventory is somewhere, and what is claimed of it is so."""

import json
import tomllib
from pathlib import Path

import pytest
import tomli_w
from typer.testing import CliRunner

from repcat.cli import app
from repcat.errors import DataError, RecipeError
from repcat.studies import paper_items
from repcat.studies.paper_items import last_result, shown_at

RECIPES = Path(__file__).parents[3] / "recipes"
INVENTORY = [f"P{n:02d}" for n in range(1, 66)] + [f"F{n}" for n in range(1, 6)] + ["C1", "C2"]
# The paper's own future work, and what the released code has and cannot run.
PLANNED = {"F1", "F2", "C2"}


def test_every_item_of_the_inventory_is_there_once_and_in_order():
    assert [item.id for item in paper_items.read_items(RECIPES)] == INVENTORY
    assert list(tomllib.loads((RECIPES / "coverage.toml").read_text())) == INVENTORY


def test_every_item_is_mapped_or_says_why_not():
    items = paper_items.read_items(RECIPES)
    assert {i.id for i in items if i.state == "planned"} == PLANNED
    assert [i.id for i in items if i.state == "missing"] == []


def test_every_recipe_study_row_and_test_that_is_named_exists():
    assert paper_items.faults(RECIPES) == []


def test_every_command_and_option_that_is_named_exists():
    from typer.main import get_command

    from repcat.config.describe import TABLES
    from repcat.registry.options import options_of
    from repcat.registry.registry import KINDS

    commands = get_command(app)
    for item in paper_items.read_items(RECIPES):
        words = item.command.split()[1:]
        group = commands
        for word in words[:2]:
            if word.startswith("--"):
                break
            group = group.commands[word]  # KeyError: there is no such command
        if item.option:
            table, option = item.option.split(".")
            known = {o.name for o in options_of(TABLES[table])} if table in TABLES else {"use"}
            assert option in known and (table in TABLES or f"{table}s" in KINDS), item.id


@pytest.fixture
def folder(tmp_path):
    """Recipes with one study of one row."""
    (tmp_path / "recipes" / "studies").mkdir(parents=True)
    (tmp_path / "recipes" / "studies" / "table1.toml").write_text(
        '[[row]]\nid = ["P08", "P13"]\nname = "2 Views"\n'
    )
    (tmp_path / "recipes" / "coverage.toml").write_text(
        '[P07]\nwhat = "a"\nstudy = "table1"\n[P08]\nwhat = "b"\nstudy = "table1"\ntest = "t.py"\n'
        '[C1]\nwhat = "c"\nrecipe = "gone.toml"\n[F1]\nwhat = "d"\nplanned = "later"\n'
    )
    return tmp_path / "recipes"


def test_false_claims_are_named(folder):
    found = paper_items.faults(folder)
    for line in (
        "P07: studies/table1.toml has no row of this id",
        "P08: there is no test t.py",
        "C1: there is no recipe gone.toml",
        "C1: has no test",
        "P01: has no recipe, study, command or option, nor a reason why not",
    ):
        assert line in found
    states = {i.id: i.state for i in paper_items.read_items(folder)}
    assert (states["P08"], states["P13"], states["F1"]) == ("there", "there", "planned")


def test_the_last_result_of_a_row_comes_from_its_runs(folder, tmp_path, recorded):
    metrics = tmp_path / "runs" / "studies" / "table1" / "2-views" / "seed-0" / "metrics"
    metrics.mkdir(parents=True)
    (metrics / "lidc.standard.csv").write_text(
        "id,method,psnr\na,model,20\nb,model,22\na,mean volume,9\n"
    )
    (item,) = [i for i in paper_items.read_items(folder) if i.id == "P08"]
    assert last_result(item, tmp_path / "runs") == "", "a table without a record is no result"
    recorded(metrics / "lidc.standard.csv")
    assert last_result(item, tmp_path / "runs") == "psnr 21 (2 of lidc)"
    assert last_result(item, tmp_path / "none") == ""


@pytest.mark.parametrize(
    ("recipe", "scale"),
    [
        ({"data": {"use": "phantoms", "size": 64}, "train": {"steps": 5000}}, "toy"),
        ({"data": {"use": "prepared", "path": "d", "size": 32}}, "reduced"),
        ({"data": {"path": "d", "size": 64}, "train": {"steps": 500, "batch_size": 8}}, "reduced"),
        ({"data": {"path": "d", "size": 64}, "backbone": {"feature_size": 12}}, "reduced"),
        ({"data": {"path": "d", "size": 128}, "train": {"steps": 5000, "batch_size": 8}}, "full"),
    ],
)
def test_a_result_is_shown_at_the_scale_of_its_run(folder, tmp_path, recorded, recipe, scale):
    run = tmp_path / "runs" / "studies" / "table1" / "2-views" / "seed-0"
    (run / "metrics").mkdir(parents=True)
    (run / "recipe.toml").write_text(tomli_w.dumps(recipe))
    (run / "metrics" / "lidc.standard.csv").write_text("id,method,psnr\na,model,20\n")
    recorded(run / "metrics" / "lidc.standard.csv")
    (item,) = [i for i in paper_items.read_items(folder) if i.id == "P08"]
    assert shown_at(item, tmp_path / "runs") == scale
    assert shown_at(item, tmp_path / "none") == ""


def test_a_folder_without_the_index_is_refused(tmp_path):
    with pytest.raises(DataError, match="code: no-recipes"):
        paper_items.recipes_folder(tmp_path)


def test_an_unknown_word_in_coverage_toml_is_refused(folder):
    (folder / "coverage.toml").write_text('[P01]\nwaht = "a"\n')
    with pytest.raises(RecipeError, match="P01 may hold"):
        paper_items.read_items(folder)


def test_json_and_markdown_hold_72_rows():
    found = json.loads(CliRunner().invoke(app, ["coverage", "--json"]).stdout)
    assert len(found["items"]) == 72 and found["counts"]["missing"] == 0
    lines = CliRunner().invoke(app, ["coverage", "--markdown"]).stdout.splitlines()
    assert len([line for line in lines if line.startswith("| ")]) == 73


def test_the_page_of_docs_is_what_the_command_prints():
    printed = CliRunner().invoke(app, ["coverage", "--markdown"]).stdout
    page = RECIPES.parent / "docs" / "coverage.md"
    assert page.read_text() == printed, "run: repcat coverage --markdown > docs/coverage.md"
