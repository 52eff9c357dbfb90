"""`repcat recipes` and `repcat demo`, and names wherever a command takes a file."""

from pathlib import Path

import pytest

from repcat.config import shipped

TINY = (
    'data = {use = "phantoms", size = 16, train = 2, validation = 1, test = 2}',
    "backbone = {channels = [4, 8], res_units = 1}",
    "train = {steps = 2, save_every = 1, validate_every = 2}",
)
SET = [word for setting in TINY for word in ("--set", setting)]


def test_every_name_is_listed_with_its_first_line(repcat):
    code, out, err = repcat("recipes")
    assert code == 0, err
    for name, file in shipped.names(*shipped.KINDS).items():
        assert f"  {name:<30} {shipped.about(file)[0]}" in out.splitlines()


def test_a_recipe_is_copied_changed_and_trained(repcat):
    code, out, err = repcat("recipes", "copy", "quickstart", "--to", "mine")
    assert (code, out.split()[0]) == (0, "mine/quickstart.toml:"), err
    assert repcat("train", "mine/quickstart.toml", *SET)[0] == 0
    assert Path("runs/quickstart/recipe.toml").is_file()
    code, _, err = repcat("recipes", "copy", "quickstart", "--to", "mine")
    assert code == 2 and "mine/quickstart.toml exists" in err
    code, _, err = repcat("recipes", "copy", "quickstrat")
    assert code == 2 and "did you mean quickstart?" in err


def test_a_recipe_of_an_older_repcat_is_refused_with_the_nearest_key(repcat):
    repcat("recipes", "copy", "quickstart")
    file = Path("quickstart.toml")
    file.write_text(file.read_text().replace("save_every", "safe_every"))
    code, _, err = repcat("train", "quickstart.toml")
    assert code == 2 and not Path("runs").exists()
    assert [line for line in err.splitlines() if line.startswith("  - ")] == [
        "  - train.safe_every is unknown; did you mean 'save_every'?"
    ]


def test_commands_take_names(repcat):
    assert "data/lidc is no dataset" in repcat("train", "one_view")[2]
    assert "untrained: 2 views" in repcat("compare", "table1", "--set", "@toy")[1]
    assert "run: repcat compare" in repcat("report", "table1", "--set", "@settings/toy")[2]
    assert "data/lidc is no dataset" in repcat("bench", "train", "--recipe", "swin_ot")[2]
    for words in (("train",), ("compare",), ("report",), ("bench", "train", "--recipe")):
        code, _, err = repcat(*words, "nothing")
        assert code == 2 and "repcat brings none of that name" in err


@pytest.mark.slow
def test_the_demo_trains_predicts_scores_and_reports_and_goes_on(repcat):
    code, out, err = repcat("demo", "--out", "demo", *SET)
    assert code == 0, err
    for part in ("trained to step 2", "mean volume", "Look at:   demo/report.html", "Try next:"):
        assert part in out
    assert Path("demo/report.html").is_file()
    code, out, err = repcat("demo", "--out", "demo", *SET)
    assert code == 0 and "already at step 2" in out, err
