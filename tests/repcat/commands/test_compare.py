"""`repcat compare` as a user meets it: list, train, be killed, go on, print."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from repcat.io.volumes import write_mha
from repcat.runs.run import Run
from repcat.training.session import Session

STUDIES = Path(__file__).parents[3] / "recipes" / "studies"
BASE = """
data = {use = "phantoms", size = 16, train = 2, validation = 1, test = 3}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [4, 8], res_units = 1}
objective.use = "l2"
optim.lr = 1e-2
[train]
steps = 4
batch_size = 1
save_every = 2
log_every = 1
"""
STUDY = """
title = "Views"
base = "base.toml"
protocol = "seed2024"
seeds = [1]
[[dataset]]
name = "LIDC-IDRI"
[[dataset]]
name = "MIDRC-1b"
path = "data/midrc-1b"
[[row]]
id = "P07"
name = "1 view"
change.data.views = [0.0]
published = {LIDC-IDRI = {psnr = 23.2198, ssim = 0.4891}}
[[row]]
id = "P08"
name = "2 views"
published = {LIDC-IDRI = {psnr = 24.3192, ssim = 0.5272}}
[[row]]
id = "P17"
name = "rival"
only_published = true
published = {LIDC-IDRI = {psnr = 19.68}}
"""


@pytest.fixture
def study(tmp_path):
    (tmp_path / "base.toml").write_text(BASE)
    (tmp_path / "study.toml").write_text(STUDY)
    return tmp_path / "study.toml"


def records(text):
    found = list(csv.DictReader(io.StringIO(text)))
    return {(r["protocol"], r["row"], r["figure"]): r for r in found}


def test_what_is_missing_is_listed_with_what_makes_it(repcat, study):
    code, out, err = repcat("compare", study)
    assert code == 0, err
    assert "untrained: 1 view, seed 1" in out
    assert "--out runs/studies/study/1-view/seed-1 --set 'data = {views = [0.0]}'" in out
    assert "left out: MIDRC-1b, there is no data/midrc-1b; make it with" in out
    assert "repcat fetch MIDRC-1b" in out and "--out data/midrc-1b" in out
    assert "23.2198" in out and not Path("runs").exists()


def test_rows_are_chosen_by_number(repcat, study):
    code, out, err = repcat("compare", study, "--rows", "2-3")
    assert code == 0, err
    assert "untrained: 2 views" in out and "1 view, seed" not in out and "19.68" in out


def test_a_setting_of_rows_that_are_not_chosen_is_no_mistake(repcat, study):
    other = 'name = "2 views"\nchange.backbone.use = "segresnet"'
    study.write_text(study.read_text().replace('name = "2 views"', other))
    code, out, err = repcat("compare", study, "--rows", "1", "--set", "backbone.width = 4")
    assert code == 0, err
    assert "untrained: 1 view" in out


def test_a_row_whose_plugin_is_missing_shows_what_was_published(repcat, study):
    study.write_text(study.read_text().replace("only_published = true", 'needs = "repcat-rival"'))
    code, out, err = repcat("compare", study)
    assert code == 0, err
    assert "left out: rival, its plugin repcat-rival is not installed; get it with" in out
    assert "pip install ./plugins/repcat-rival" in out and "untrained: rival" not in out
    assert "19.68" in out


def test_the_data_to_train_on_is_named_where_it_is_not_there(repcat):
    code, out, err = repcat("compare", STUDIES / "table2.toml")
    assert code == 0, err
    assert "rows cannot be trained, there is no data/lidc; make it with" in out
    assert out.index("repcat fetch LIDC-IDRI") < out.index("--out data/lidc --place top")
    assert out.count("  repcat fetch ") == out.count("  repcat prepare data/dicom/") == 7


@pytest.mark.slow
def test_a_killed_study_goes_on_where_it_was(repcat, study, monkeypatch):
    step, calls = Session.run_step, []

    def killed(self, *told):
        calls.append(len(calls))
        if len(calls) == 8:
            raise KeyboardInterrupt
        return step(self, *told)

    monkeypatch.setattr(Session, "run_step", killed)
    assert repcat("compare", study, "--train", "--out", "o")[0] == 130
    assert Run(Path("o/1-view/seed-1")).steps() == [2, 4]
    assert Run(Path("o/2-views/seed-1")).steps() == [2]
    code, out, _ = repcat("compare", study, "--out", "o")
    assert "untrained (step 2): 2 views" in out and "--resume" in out
    assert "unpredicted: 1 view" in out and "repcat predict o/1-view/seed-1" in out
    code, out, err = repcat("compare", study, "--train", "--out", "o", "--format", "csv")
    assert code == 0, err
    assert len(calls) == 8 + 2, "trained steps were trained again"
    found = records(out)
    assert {p for p, _, _ in found} == {"seed2024", "standard"}
    one, two = (found["seed2024", n, "psnr"] for n in ("1 view", "2 views"))
    assert sorted((one["place"], two["place"])) == ["1", "2"]
    assert one["published"] == "23.2198" and one["patients"] == "3"
    loser = one if one["place"] == "2" else two
    assert float(loser["to_best"]) < 0
    assert loser["to_best_low"] == loser["to_best_high"] == ""  # three patients have no interval
    assert found["seed2024", "rival", "psnr"]["mean"] == ""
    assert found["seed2024", "mean volume", "psnr"]["kind"] == "baseline"

    for form, sign in (("md", "| **"), ("latex", r"\textbf{"), ("html", "<b>")):
        code, out, _ = repcat("compare", study, "--out", "o", "--format", form)
        assert code == 0 and sign in out and "24.3192" in out
        assert "published figures are of LIDC-IDRI, ours of phantoms: not comparable" in out
    tables = json.loads(repcat("compare", study, "--out", "o", "--format", "json")[1])
    assert tables[0]["protocol"] == "seed2024"
    runs = repcat("compare", "o/1-view/seed-1", "o/2-views/seed-1")[1]
    assert "2 runs" in runs and "mean volume" in runs


@pytest.mark.slow
def test_every_checkpoint_is_a_row_and_seeds_are_averaged(repcat, study):
    rows = '[[row]]\nid = "P58"\nname = "curve"\nevery_checkpoint = true\n'
    study.write_text('title = "Steps"\nbase = "base.toml"\n' + rows)
    words = ("compare", study, "--train", "--out", "o", "--seeds", "1,2")
    code, out, err = repcat(*words, "--format", "csv")
    assert code == 0, err
    found = records(out)
    psnr = {row: r for (_, row, figure), r in found.items() if figure == "psnr"}
    assert psnr["curve, step 2"]["seeds"] == psnr["curve, step 4"]["seeds"] == "2"
    assert psnr["curve, step 2"]["mean"] != psnr["curve, step 4"]["mean"]


@pytest.mark.slow
def test_chosen_checkpoints_are_rows_beside_the_last(repcat, study):
    head = 'title = "Steps"\nbase = "base.toml"\ncheckpoints = [2]\n'
    study.write_text(head + '[[row]]\nname = "curve"\n')
    words = ("compare", study, "--train", "--out", "o", "--format", "csv")
    code, out, err = repcat(*words, "--set", "train.save_every = 1")
    assert code == 0, err
    models = {row for (_, row, _), r in records(out).items() if r["kind"] == "model"}
    assert models == {"curve, step 2", "curve, step 4"}
    code, _, err = repcat(*words, "--set", "train.save_every = 3")
    assert (code, err.count("\n")) == (2, 1)
    assert "saves every 3 steps, and so not step 2" in err


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_row_that_diverged_is_a_row_that_says_so(repcat, study, jobs):
    wild = '[[row]]\nname = "wild"\nchange.optim = {name = "sgd", lr = 1e3}\n'
    study.write_text('title = "Rates"\nbase = "base.toml"\n' + wild + '[[row]]\nname = "calm"\n')
    words = ("compare", study, "--out", "o", "--format", "csv", "--set", "train.steps = 40")
    code, out, err = repcat(*words, "--train", "--jobs", jobs)
    assert code == 0, err
    rows = {row: r["kind"] for (_, row, _), r in records(out).items()}
    (said,) = [row for row, kind in rows.items() if kind == "diverged"]
    assert re.fullmatch(r"wild, seed 0: diverged in step \d+: \w+ of model (nan|-?inf)", said)
    assert rows["calm"] == "model" and "wild" not in rows
    ended = Path("o/wild/seed-0/diverged.json")
    before = ended.stat().st_mtime_ns
    code, again, err = repcat(*words, "--train")  # it would end the same way: left alone
    assert (code, again) == (0, out) and "untrained" not in err
    assert ended.stat().st_mtime_ns == before
    shown = repcat("compare", study, "--out", "o", "--set", "train.steps = 40")[1]
    assert "diverged" in shown


@pytest.mark.slow
def test_a_study_finishes_a_run_that_was_cut_off_after_its_last_step(repcat, study):
    words = ("compare", study, "--rows", "2", "--out", "o", "--train")
    assert repcat(*words)[0] == 0
    reference = Path("o/2-views/seed-1/film.safetensors")
    before = reference.read_bytes()
    reference.unlink()
    assert repcat(*words)[0] == 0
    assert reference.read_bytes() == before and Run(reference.parent).steps() == [2, 4]


def test_a_second_study_in_a_folder_is_told_who_has_it(repcat, study, held):
    code, _, err = repcat("compare", study, "--out", "o", "--train")
    assert code == 2 and err.count("\n") == 1
    assert "o is being written by process" in err


@pytest.fixture
def held(tmp_path):
    """Hold the study's folder by another process."""
    hold = "import sys; from pathlib import Path; from repcat.io.lock import one_writer\n"
    hold += "with one_writer(Path('o')): print(flush=True); sys.stdin.read()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "cwd": tmp_path}
    with subprocess.Popen([sys.executable, "-c", hold], **pipes) as process:
        process.stdout.readline()
        yield
        process.stdin.close()


def test_a_run_of_another_dataset_is_refused_in_one_line(repcat, study):
    words = ("train", "base.toml", "--out", "o/2-views/seed-1", "--set", "data.seed = 7")
    assert repcat(*words, "--set", "train.seed = 1")[0] == 0
    code, _, err = repcat("compare", study, "--out", "o")
    assert code == 2 and err.count("\n") == 1
    assert "o/2-views/seed-1 is a run of another dataset, '2 views': data.seed: it has 7" in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--format", "tex"), "no such format; did you mean 'latex'"),
        (("--seeds", "one"), "whole numbers by commas"),
        (("--rows", "2-x"), "numbers and ranges by commas, such as 2,4-6"),
        (("--rows", "1-4"), "has rows 1 to 3, no row 4"),
        (("--set", "train.seed = 2"), "choose them with --seeds"),
        (("runs/a",), "studies and runs are not mixed"),
    ],
)
def test_wrong_words_are_told_in_one_line(repcat, study, words, told):
    Path("runs/a").mkdir(parents=True)
    code, _, err = repcat("compare", study, *words)
    assert code == 2 and told in err and err.count("\n") == 1


def test_runs_cannot_be_trained(repcat):
    Path("runs/a").mkdir(parents=True)
    code, _, err = repcat("compare", "runs/a", "--train")
    assert code == 2 and "belong to a study" in err


@pytest.fixture
def mine(repcat, tmp_path):
    """A prepared dataset `mine`: a trunk with two lungs, at 16 voxels a side."""
    z, y, x = torch.meshgrid(*((torch.arange(n) - n / 2) * 8 for n in (40, 36, 40)), indexing="ij")
    hu = torch.full(x.shape, -1000.0)
    hu[(x / 100) ** 2 + (y / 70) ** 2 < 1] = 30
    hu[((x.abs() - 45) / 35) ** 2 + (y / 45) ** 2 + (z / 100) ** 2 < 1] = -850
    write_mha(tmp_path / "p0.mha", hu, (8.0, 8.0, 8.0), (0.0, 0.0, 0.0), "test")
    words = ("--size", "16", "--views", "0,90", "--split", "0,0,1")
    code, _, err = repcat("prepare", tmp_path / "p0.mha", "--out", "mine", *words)
    assert code == 0, err
    return Path("mine")


def test_rows_are_scored_on_further_datasets(repcat, study, mine):
    words = ("compare", study, "--rows", "2", "--out", "o", "--on", mine, "--format", "json")
    code, out, err = repcat(*words, "--train")
    assert code == 0, err
    tables = [t for t in json.loads(out) if t["protocol"] == "standard"]
    assert [(t["dataset"], t["patients"]) for t in tables] == [("phantoms", 3), ("mine", 1)]
    assert "mean volume" in json.dumps(tables[1])


def test_a_dataset_to_score_on_is_there_and_has_a_name_of_its_own(repcat, study, mine):
    code, _, err = repcat("compare", study, "--on", "none")
    assert code == 2 and "none is no dataset" in err
    code, _, err = repcat("compare", study, "--on", mine, "--on", mine)
    assert code == 2 and "there is a dataset 'mine' already; rename the folder" in err


def test_no_row_is_scored_on_a_scan_that_it_is_trained_on(repcat, study, mine, tmp_path, told):
    words = ("--size", "16", "--views", "0,90", "--split", "1,0,0", "--ids", "stem")
    code, _, err = repcat("prepare", tmp_path / "p0.mha", "--out", "ours", *words)
    assert code == 0, err
    phantoms = 'use = "phantoms", size = 16, train = 2, validation = 1, test = 3'
    ours = 'use = "prepared", path = "ours", size = 16, views = [0.0, 90.0]'
    (tmp_path / "base.toml").write_text(BASE.replace(phantoms, ours))
    for more in ((), ("--train",)):
        result = repcat("compare", study, "--rows", "2", "--on", mine, "--out", "o", *more)
        told(result, "the study: ours/p0 in training and mine/", "are the same scan")
    assert repcat("compare", study, "--rows", "2", "--out", "o")[0] == 0
    assert not Path("o").exists()


def test_stages_go_by_records_and_never_by_clocks(repcat, study, mine):
    words = ("compare", study, "--rows", "2", "--out", "o", "--on", mine, "--format", "json")
    code, first, err = repcat(*words, "--train")
    assert code == 0, err
    files = [p for p in Path("o").rglob("*") if p.is_file()]
    for n, path in enumerate(files):  # a clock that was 30 days ahead, or went backwards
        os.utime(path, (0, time.time() + (30 * 86400 if "checkpoints" in path.parts else -n)))
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in files}
    code, again, err = repcat(*words, "--train")
    assert code == 0 and again == first and "unpredicted" not in err
    assert {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in files} == before


def test_a_study_does_again_what_no_longer_belongs_and_nothing_else(repcat, study):
    words = ("compare", study, "--rows", "2", "--out", "o")
    assert repcat(*words, "--train")[0] == 0
    run = Path("o/2-views/seed-1")
    good = (run / "metrics/phantoms.seed2024.csv").read_bytes()

    def stages():
        return [line.split(":")[0] for line in repcat(*words)[1].splitlines() if ", seed 1" in line]

    assert stages() == []
    kept = Path(shutil.copytree(run / "predictions", "kept"))
    shutil.rmtree(run / "predictions")
    assert stages() == [], "what is scored needs its volumes no more"
    shutil.copytree(kept, run / "predictions")
    (run / "metrics/phantoms.seed2024.csv").write_bytes(good.replace(b"model,1", b"model,9"))
    assert stages() == ["unscored"]
    volume = run / "predictions/phantoms/phantom-200001.npy"
    volume.write_bytes(volume.read_bytes()[:-1] + b"\x00")
    assert stages() == ["unpredicted"], "a damaged volume is about to be scored"
    assert repcat(*words, "--train")[0] == 0
    assert stages() == [] and (run / "metrics/phantoms.seed2024.csv").read_bytes() == good
    shutil.rmtree(run / "checkpoints/000004")
    shutil.copytree(run / "checkpoints/000002", run / "checkpoints/000004")
    assert stages() == ["unpredicted"], "older weights than the step has now"
