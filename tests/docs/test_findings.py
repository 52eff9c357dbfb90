"""The page of findings is what the kept scores give; they are those of the study's own table."""

from __future__ import annotations

import csv
import io
import json
import runpy
import shutil
from pathlib import Path

import pytest

from repcat import DataError
from repcat.registry.plugins import load_parts

FOLDER = Path(__file__).parents[2] / "docs/findings"
STUDY = """
title = "Rates"
base = "base.toml"
seeds = [1, 2]
checkpoints = [2]
metrics = ["body_psnr", "psnr"]
[[row]]
name = "slow"
change.optim.lr = 1e-4
[[row]]
name = "fast"
"""
BASE = """
data = {use = "phantoms", size = 16, train = 2, validation = 1, test = 4}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [4, 8], res_units = 1}
objective.use = "l2"
optim.lr = 1e-2
train = {steps = 4, batch_size = 1, save_every = 2, log_every = 1}
"""


@pytest.fixture(scope="module")
def made():
    """The two scripts' names."""
    return runpy.run_path(str(FOLDER / "collect.py")), runpy.run_path(str(FOLDER / "generate.py"))


def test_the_page_is_what_the_kept_scores_give(made) -> None:
    generate = made[1]
    assert generate["PAGE"].read_text("utf-8") == generate["page"](), (
        "run: python docs/findings/generate.py"
    )


@pytest.fixture
def study(repcat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.toml").write_text(BASE)
    (tmp_path / "rates.toml").write_text(STUDY)
    return tmp_path / "rates.toml"


@pytest.mark.slow
@pytest.mark.usefixtures("drawn_once")
def test_seeds_trained_apart_make_the_studys_own_table(repcat, made, study: Path) -> None:
    collect, generate = made
    work, parts = collect["collect"], load_parts()
    halves = []
    for seed in ("1", "2"):
        code, _, err = repcat("compare", study, "--train", "--out", seed, "--seeds", seed)
        assert code == 0, err
        halves.append(work(study, Path(seed), [], parts))
        shutil.copytree(seed, "both", dirs_exist_ok=True)
    code, out, err = repcat("compare", study, "--out", "both", "--format", "csv")
    assert code == 0 and "untrained" not in out + err, err
    whole = work(study, Path("both"), [], parts)
    scores = [_scores(kept) for kept in (collect["merge"](*halves), whole)]
    assert scores[0] == scores[1] and len(scores[0]) == 2 * 2 * 2

    text = collect["compact"](whole)
    assert json.loads(text) == json.loads(json.dumps(whole))
    table = _called(generate, study.stem, text, "table", ["body_psnr"]).splitlines()
    for record in csv.DictReader(io.StringIO(out)):
        if record["figure"] == "body_psnr" and record["row"].endswith("step 4"):
            (line,) = [line for line in table if line.startswith(f"| {record['row']} |")]
            assert f"| {float(record['mean']):.2f} ± {float(record['sd']):.2f} |" in line
            if record["to_best"]:
                names = ("to_best", "to_best_low", "to_best_high")
                mean, low, high = (float(record[name]) for name in names)
                assert f"| {mean:+.2f} [{low:+.2f}, {high:+.2f}] |" in line

    one, other = (
        _called(generate, study.stem, text, "versus", *names)
        for names in (("slow", "fast"), ("fast", "slow"))
    )
    signs = str.maketrans("+-", "-+")
    low, high = other.translate(signs).partition("[")[2].rstrip("]").split(", ")
    assert one == f"{other.translate(signs).partition(' ')[0]} [{high}, {low}]"
    found = _called(generate, study.stem, text, "mean", "fast")
    assert any(line.startswith("| fast, step 4 |") and f"| {found} ±" in line for line in table)
    course = _called(generate, study.stem, text, "course", "body_psnr").splitlines()
    assert course[0] == "| row | step 2 | step 4 |" and course[2].count(" / ") == 2
    told = _called(generate, study.stem, text, "trained")
    assert told == "2 of 2 rows are trained, with 2 seeds"


def _scores(kept) -> dict:
    return {
        (row, seed, step): one["scores"]
        for row, seeds in kept["runs"].items()
        for seed, steps in seeds.items()
        for step, one in steps.items()
    }


def _called(generate, study: str, text: str, name: str, *words):
    work = generate[name]
    work.__globals__["HERE"] = Path()
    Path(f"{study}.json").write_text(text, "utf-8")
    try:
        return work(study, *words)
    finally:
        work.__globals__["HERE"] = FOLDER


def test_scores_of_other_patients_are_not_merged(made) -> None:
    old = {"protocol": "standard", "dataset": "d", "patients": ["a"], "baselines": {}, "runs": {}}
    new = old | {"patients": ["b"], "rows": ["x"], "runs": {"x": {"1": {}}}}
    with pytest.raises(DataError, match="patients of the runs kept"):
        made[0]["merge"](old, new)
