"""What comes with repcat goes by name, from any folder, checked out or installed."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from repcat.config import shipped
from repcat.config.load import parse_setting, read_tables
from repcat.errors import RecipeError
from repcat.studies.spec import read_study

ROOT = Path(__file__).parents[3]
RECIPES = list(shipped.names("recipe"))
STUDIES = list(shipped.names("study"))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_every_file_has_a_name_but_the_index():
    files = {p for p in (ROOT / "recipes").rglob("*.toml") if p.name != "coverage.toml"}
    assert set(shipped.names(*shipped.KINDS).values()) == files


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_found_by_its_name_and_by_its_stem(name):
    file = ROOT / "recipes" / f"{name}.toml"
    assert shipped.find(Path(name), "recipe") == shipped.find(Path(file.stem), "recipe") == file
    assert shipped.spelled(file) == name


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_extends_another_by_name(name):
    Path("mine.toml").write_text(f'extends = "{name}"\ntrain.steps = 7\n')
    mine, theirs = read_tables(Path("mine.toml")), read_tables(shipped.names("recipe")[name])
    assert mine["train"].pop("steps") == 7 and theirs["train"].pop("steps")
    assert mine == theirs


@pytest.mark.parametrize("name", ["toy", "settings/toy"])
def test_set_takes_settings_by_name(name):
    assert parse_setting(f"@{name}")["train"]["steps"] == 1200


@pytest.mark.parametrize("name", shipped.names(*shipped.KINDS))
def test_it_says_what_it_is_and_needs_and_how_long_it_takes(name):
    what, *rest = shipped.about(shipped.names(*shipped.KINDS)[name])
    assert len(what) <= 98
    said = [line.split()[0].strip(",") for line in rest]
    assert "Needs" in said and ("Takes" in said or "Needs and takes what swin_ot does." in rest)


@pytest.mark.parametrize("file", ["quickstart", "quickstart.toml"])
def test_a_file_here_goes_before_a_name_and_says_so(file, capsys):
    Path(file).write_text("")
    assert shipped.find(Path("quickstart"), "recipe") == Path(file)
    (told,) = capsys.readouterr().err.splitlines()
    assert (
        told == f"quickstart: taken from {Path(file).resolve()}, not the recipe that repcat brings"
    )
    assert shipped.spelled(ROOT / "recipes" / "quickstart.toml").endswith("quickstart.toml")


def test_a_folder_hides_a_study_alone(capsys):
    Path("swin_ot").mkdir()
    Path("table1").mkdir()
    assert shipped.find(Path("swin_ot"), "recipe").is_file()
    assert not capsys.readouterr().err
    assert shipped.find(Path("table1"), "study", or_folder="run") == Path("table1")
    assert "not the study that repcat brings" in capsys.readouterr().err


def test_what_a_recipe_extends_lies_beside_it_first(tmp_path, capsys):
    (tmp_path / "swin_ot").write_text("train.steps = 3\n")
    (tmp_path / "mine.toml").write_text('extends = "swin_ot"\n')
    assert read_tables(tmp_path / "mine.toml") == {"train": {"steps": 3}}
    assert "not the recipe that repcat brings" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("swin_ott", "recipe", "did you mean swin_ot or swin_ot_cpu? `repcat recipes`"),
        ("recipes/quickstart.toml", "recipe", "did you mean quickstart?"),
        ("one_vew", "recipe", "did you mean any_views or ablations/one_view?"),
        ("table3", "study", "did you mean studies/table1 or studies/table2?"),
        ("tay", "setting", "did you mean settings/toy?"),
        ("table1", "recipe", "no recipe table1, which is a study"),
        ("zzz", "recipe", "brings none of that name; `repcat recipes` lists them"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(name, kind, told):
    with pytest.raises(RecipeError) as refused:
        shipped.find(Path(name), kind)
    assert told in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize("name", RECIPES)
def test_a_copy_of_a_recipe_reads_to_the_same_tables(name, tmp_path):
    copy = shipped.copy(name, tmp_path / "deep" / "er")
    assert read_tables(copy) == read_tables(shipped.names("recipe")[name])


@pytest.mark.parametrize("name", STUDIES)
def test_a_copy_of_a_study_has_the_same_rows(name, tmp_path, parts):
    copy, original = shipped.copy(name, tmp_path / "mine"), shipped.names("study")[name]
    assert read_study(copy, parts).rows == read_study(original, parts).rows


def test_a_copy_overwrites_nothing(tmp_path):
    (tmp_path / "toy.toml").write_text("mine")
    with pytest.raises(RecipeError, match="code: file-taken"):
        shipped.copy("toy", tmp_path)
    assert (tmp_path / "toy.toml").read_text() == "mine"


# Says where repcat is, and what each command of a line prints: one process starts for all.
COMMANDS = """
import json, sys
from typer.testing import CliRunner
import repcat
from repcat.cli import app
done = [CliRunner().invoke(app, line.split(), catch_exceptions=False) for line in sys.argv[1:]]
assert not any(one.exit_code for one in done), done
print(json.dumps([repcat.__file__, *(one.stdout for one in done)]))
"""


@pytest.mark.slow
def test_a_wheel_brings_the_recipes(tmp_path):
    pytest.importorskip("hatchling", reason="hatchling is not installed: it builds the wheel")
    from hatchling.builders.wheel import WheelBuilder

    (wheel,) = WheelBuilder(str(ROOT)).build(
        directory=str(tmp_path / "dist"), versions=["standard"]
    )
    site, empty = tmp_path / "site", tmp_path / "empty"
    zipfile.ZipFile(wheel).extractall(site)
    empty.mkdir()

    files = [p.relative_to(site / "repcat") for p in (site / "repcat" / "recipes").rglob("*.toml")]
    assert sorted(files) == sorted(p.relative_to(ROOT) for p in (ROOT / "recipes").rglob("*.toml"))
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS, "recipes", "compare table1", "coverage"],
        cwd=empty, env={**os.environ, "PYTHONPATH": str(site)},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    where, recipes, compared, coverage = json.loads(done.stdout)
    assert Path(where).is_relative_to(site)
    assert all(f"  {name} " in recipes for name in [*RECIPES, *STUDIES])
    assert "repcat train swin_ot --out runs/studies/table1/2-views" in compared
    assert coverage.splitlines()[-1].startswith("72 of 72 mapped")
