"""`repcat verify` of a run and of a study's runs."""

import shutil
from pathlib import Path

import pytest

from repcat.arithmetic import kept_arithmetic


@pytest.fixture(autouse=True)
def _arithmetic_is_put_back():
    with kept_arithmetic():
        yield


def test_a_run_says_its_three_lines_and_a_study_of_it_a_table(repcat, trained, told):
    assert repcat("predict", "run", "--pictures", 0)[0] == 0
    assert repcat("evaluate", "run", "--protocol", "standard")[0] == 0
    code, out, err = repcat("verify", "run")
    assert code == 0, err
    lines = out.splitlines()
    assert "bits must be equal" in lines[0]
    assert lines[1] == "1 scores from kept predictions: equal bits"
    assert lines[2] == "2 predictions from kept weights: equal bits"
    assert lines[3].startswith("3 weights from the recipe: equal bits: losses in 4 lines")
    assert lines[4] == "repeated: equal bits"

    for seed in (1, 2):
        shutil.copytree("run", f"study/l2/seed-{seed}")
    table = Path("study/l2/seed-2/metrics/phantoms.standard.csv")
    table.write_text(table.read_text().replace(",model,", ",model,9", 1))
    code, out, _ = repcat("verify", "study", "--scores", "--seed", 1)
    assert code == 0 and "repeated: equal bits" in out and "seed-2" not in out
    result = repcat("verify", "study", "--scores")
    told(result, "1 of 2 runs", "seed-2")
    told(repcat("verify", "study", "--row", "gan"), "no such scored run", "l2")


def test_scores_alone_of_a_run_without_predictions_say_what_to_run(repcat, trained, told):
    told(repcat("verify", "run", "--scores"), "repcat predict run")


def test_what_is_no_run_is_told_so(repcat, told):
    told(repcat("verify", "none"), "no run or study none")
