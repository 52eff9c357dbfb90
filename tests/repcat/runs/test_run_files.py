"""recipe.toml and provenance.json are what was written, or the run says which is not."""

import json

import pytest

from repcat.errors import RunError
from repcat.io.checksums import SUMS, read_checksums
from repcat.runs.run import Run
from repcat.runs.run_files import write_begun


@pytest.fixture
def run(tmp_path, recipe_of):
    return Run.create(tmp_path / "r", recipe_of(), {"note": "x", "command": ["repcat"]})


def test_both_files_are_listed_and_the_format_stands_first(run):
    assert list(read_checksums(run.path)) == ["provenance.json", "recipe.toml"]
    assert list(run.provenance()) == ["format", "note", "command"]
    assert run.provenance()["format"] == 1


def test_a_changed_recipe_is_named_with_the_way_out(run, parts):
    run.recipe_file.write_text(run.recipe_file.read_text().replace("0.01", "0.02"))
    for open_it in (lambda: Run.open(run.path), lambda: run.recipe(parts)):
        with pytest.raises(RunError, match=r"recipe\.toml was changed.*sha256sum recipe\.toml"):
            open_it()


def test_provenance_that_is_lost_or_changed_is_named(run):
    file = run.path / "provenance.json"
    file.write_text(file.read_text().replace("repcat", "repcab"))
    with pytest.raises(RunError, match=r"provenance\.json was changed"):
        Run.open(run.path)
    file.unlink()
    with pytest.raises(RunError, match=r"provenance\.json was changed"):
        Run.open(run.path)


def test_amended_provenance_is_listed_anew(run):
    run.write_provenance({**run.provenance(), "resumes": [{"device": "cpu"}]})
    assert Run.open(run.path).provenance()["resumes"] == [{"device": "cpu"}]
    assert next(iter(run.provenance())) == "format"


def test_amending_an_older_runs_provenance_lists_its_files_from_then_on(run):
    (run.path / SUMS).unlink()
    (run.path / "provenance.json").write_text('{"note": "x"}')
    Run.open(run.path).write_provenance({"note": "y"})
    assert Run.open(run.path).provenance() == {"format": 1, "note": "y"}
    assert len(read_checksums(run.path)) == 2


def test_a_run_of_a_newer_repcat_is_refused(run):
    run.write_provenance({})
    text = (run.path / "provenance.json").read_text().replace('"format": 1', '"format": 2')
    (run.path / "provenance.json").write_text(text)
    (run.path / SUMS).unlink()
    with pytest.raises(RunError, match="was made by a newer repcat"):
        Run.open(run.path)


@pytest.mark.parametrize(
    "text",
    ["[]", '{"versions": [1]}', '{"command": null}', '{"command": [1]}', '{"plugins": "x"}',
     "[" * 100_000, "", '{"format": "1"}', '{"dataset_hash": 3}'],
)  # fmt: skip
def test_provenance_of_another_kind_is_told_in_one_line(run, text):
    (run.path / SUMS).unlink()  # as in a run of before there were checksums
    (run.path / "provenance.json").write_text(text)
    with pytest.raises(RunError, match="code: file-damaged") as error:
        Run.open(run.path)
    assert "\n" not in str(error.value)


def test_a_run_without_provenance_is_read(run):
    for name in (SUMS, "provenance.json"):
        (run.path / name).unlink()
    assert Run.open(run.path).provenance() == {}


def test_a_run_that_begins_is_none_yet_or_whole_wherever_it_is_killed(tmp_path, killed_everywhere):
    (tmp_path / "t").mkdir()
    code = 'write_begun(Path("r"), "recipe", {"note": "x"})'
    imports = "from pathlib import Path; from repcat.runs.run_files import write_begun"
    left = killed_everywhere(tmp_path / "t", imports, code)
    assert len(left) > 9
    runs = [p / "r" for p in left if (p / "r" / "recipe.toml").exists()]
    assert all(Run.open(path).provenance() == {"format": 1, "note": "x"} for path in runs)
    for place in left:
        write_begun(place / "r", "recipe", {"note": "y"})
        assert json.loads((place / "r" / "provenance.json").read_text())["note"] == "y"
