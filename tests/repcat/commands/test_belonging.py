"""A prediction knows what it is of: no command takes one for what it is not."""

import csv
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from repcat.runs.prediction_record import PredictionRecord
from repcat.scoring.score_record import ScoreRecord

QUICK = ("--protocol", "standard")
PREPARE = ("--size", 16, "--views", "0,90", "--ids", "number", "--split", "0,0,1")
TABLE = "metrics/phantoms.standard.csv"


def good(result):
    code, out, err = result
    assert code == 0, err
    return out


def refused(result, *words):
    """Check for one line on stderr that says these words."""
    code, _, err = result
    assert code == 2 and len(err.strip().splitlines()) == 1, err
    for word in words:
        assert word in err
    return err


def volume(run, number=0):
    return Path(run) / f"predictions/phantoms/phantom-20000{number}.npy"


@pytest.fixture(scope="session")
def predicted_once(trained_once, tmp_path_factory):
    from repcat.inference.job import open_job, write_all

    folder = shutil.copytree(trained_once, tmp_path_factory.mktemp("predicted") / "run")
    list(write_all(open_job(folder, None, "test", None, "cpu")))
    return folder


@pytest.fixture
def predicted(repcat, predicted_once):
    """A run of steps 1 to 4, predicted at 4, in the folder that commands run in."""
    return Path(shutil.copytree(predicted_once, "run"))


@pytest.fixture(scope="session")
def two_once(tmp_path_factory, chest, call):
    folder = tmp_path_factory.mktemp("two")
    for name, lung in (("a", -850.0), ("b", -600.0)):
        chest(folder / name / "in" / "p0.mha", lung)
        call("prepare", folder / name / "in", "--out", folder / name / "ct", *PREPARE)
    return folder


@pytest.fixture
def two(repcat, two_once, tmp_path):
    """Two datasets `ct` of one scan each, other scans under one id: a/ct and b/ct."""
    for name in "ab":
        shutil.copytree(two_once / name, tmp_path / name)


def test_volumes_of_another_dataset_of_one_folder_name_are_not_scored(repcat, trained, two):
    good(repcat("predict", "run", "--data", "a/ct", "--pictures", 0))
    good(repcat("evaluate", "run", "--data", "a/ct", *QUICK))
    cure = "run: repcat predict run --data b/ct"
    refused(repcat("evaluate", "run", "--data", "b/ct"), "of another scan than ct has now", cure)
    refused(repcat("report", "run", "--data", "b/ct"), "of another scan than ct has now", cure)


def test_the_second_dataset_of_a_name_says_that_it_takes_the_firsts_place(repcat, trained, two):
    good(repcat("predict", "run", "--data", "a/ct", "--pictures", 0))
    good(repcat("evaluate", "run", "--data", "a/ct", *QUICK))
    told = good(repcat("predict", "run", "--data", "b/ct", "--pictures", 0))
    assert "deleted 1 volume of other scans that were in a dataset ct" in told
    refused(repcat("report", "run", "--data", "b/ct"), "run/metrics/ct.standard.csv is of other")
    told = good(repcat("evaluate", "run", "--data", "b/ct", "--protocol", "seed2024"))
    assert "tables of another dataset of this name were deleted: 2" in " ".join(told.split())
    assert {p.name for p in Path("run/metrics").glob("*.csv")} == {
        "ct.faithfulness.csv",
        "ct.seed2024.csv",
    }
    refused(repcat("evaluate", "run", "--data", "a/ct"), "repcat predict run --data a/ct")


def test_scans_prepared_again_otherwise_are_predicted_again(repcat, trained, two):
    good(repcat("predict", "run", "--data", "a/ct", "--pictures", 0))
    shutil.rmtree("a/ct")
    good(repcat("prepare", "a/in", "--out", "a/ct", *PREPARE, "--cube", 320))
    refused(repcat("evaluate", "run", "--data", "a/ct"), "another geometry", "repcat predict run")


def test_scans_prepared_again_as_before_keep_their_predictions(repcat, trained, two):
    good(repcat("predict", "run", "--data", "a/ct", "--pictures", 0))
    shutil.rmtree("a/ct")
    good(repcat("prepare", "a/in", "--out", "a/ct", *PREPARE))
    good(repcat("evaluate", "run", "--data", "a/ct", *QUICK))


def test_a_dataset_that_gained_a_patient_keeps_the_predictions_of_the_others(
    repcat, trained, two, chest
):
    good(repcat("predict", "run", "--data", "a/ct", "--pictures", 0))
    chest(Path("a/in/p1.mha"), -700.0)
    good(repcat("prepare", "a/in", "--out", "a/ct", *PREPARE))
    refused(repcat("evaluate", "run", "--data", "a/ct"), "no predictions of 1 of the 2 patients")
    good(repcat("report", "run", "--data", "a/ct", "--patients", 1))


def test_a_runs_step_that_is_not_its_last_is_said_in_tables_and_records(repcat, predicted):
    good(repcat("predict", "run", "--step", 2, "--pictures", 0))
    told = " ".join(good(repcat("evaluate", "run", *QUICK)).split())
    assert "· step 2 ·" in told and "step 2 of 4, not the run's last" in told
    assert ScoreRecord.read(predicted / TABLE).step == 2
    tables = json.loads(good(repcat("evaluate", "run", *QUICK, "--json")))["tables"]
    assert tables[0]["step"] == 2 and "step 2 of 4" in tables[0]["note"]
    told = " ".join(good(repcat("compare", "run")).split())
    assert "run is scored at step 2 of 4, not its last" in told
    good(repcat("report", "run"))
    assert "of step 2, not the last" in Path("run/report.html").read_text()


def test_volumes_of_two_steps_are_not_scored_as_one(repcat, predicted):
    kept = Path(shutil.copytree("run/predictions", "kept"))
    good(repcat("predict", "run", "--step", 2, "--pictures", 0))
    for file in (kept / "phantoms").glob("phantom-200001.*"):
        shutil.copy(file, volume("run").parent)
    said = refused(repcat("evaluate", "run"), "step 2 and 4", "run: repcat predict run")
    assert "mixes volumes" in said and not (predicted / "metrics").exists()


def test_volumes_of_weights_that_a_step_no_longer_has_are_refused(repcat, predicted):
    shutil.rmtree("run/checkpoints/000004")
    shutil.copytree("run/checkpoints/000003", "run/checkpoints/000004")
    refused(repcat("evaluate", "run"), "older weights than step 4 has now", "repcat predict run")


def test_volumes_of_a_step_that_the_run_is_not_at_are_refused(repcat, predicted):
    shutil.rmtree("run/checkpoints/000004")
    refused(repcat("evaluate", "run"), "is of step 4, where the run is at 3", "repcat predict run")


@pytest.mark.parametrize(("command", "kind"), [("evaluate", "npy"), ("report", "mha")])
def test_one_flipped_bit_in_a_volume_is_named(repcat, predicted, command, kind):
    file = volume("run", 1).with_suffix(f".{kind}")
    data = bytearray(file.read_bytes())
    data[-2] ^= 0x10
    file.write_bytes(data)
    said = f"phantom-200001.{kind} was changed after it was written; run: repcat predict run"
    refused(repcat(command, "run"), said)


@pytest.mark.parametrize("command", ["evaluate", "report"])
def test_volumes_that_an_older_repcat_made_say_what_to_type(repcat, predicted, command):
    for record in volume("run").parent.glob("*.json"):
        record.unlink()
    refused(repcat(command, "run"), "has no record of what it is of", "run: repcat predict run")
    good(repcat("predict", "run", "--pictures", 0))
    good(repcat("evaluate", "run", *QUICK))


def test_one_patients_volume_is_not_taken_for_anothers(repcat, predicted):
    for kind in (".npy", ".json"):
        shutil.copy(volume("run", 1).with_suffix(kind), volume("run", 0).with_suffix(kind))
    refused(repcat("evaluate", "run"), "phantom-200000.npy has no record of what it is of")


def test_a_kill_leaves_no_volume_that_claims_anothers_record(repcat, predicted, monkeypatch):
    from repcat.inference import job

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(job, "write_mha", killed)
    assert repcat("predict", "run", "--step", 2, "--pictures", 0)[0] == 130
    assert PredictionRecord.read(volume("run", 0)) is None
    assert PredictionRecord.read(volume("run", 1)).step == 4
    refused(repcat("evaluate", "run"), "phantom-200000.npy has no record", "repcat predict run")


def test_a_report_shows_no_scores_of_volumes_that_were_there_before(repcat, predicted):
    good(repcat("evaluate", "run", *QUICK))
    good(repcat("report", "run"))
    good(repcat("predict", "run", "--step", 2, "--pictures", 0))
    refused(repcat("report", "run"), "is of other volumes than there are now; run: repcat evaluate")


@pytest.mark.parametrize(
    "words",
    [("compare", "run"), ("report", "run"), ("export", "run"), ("figure", "scatter", "run")],
)
def test_a_changed_table_is_named_by_every_reader(repcat, predicted, words):
    good(repcat("evaluate", "run", *QUICK))
    table = predicted / TABLE
    table.write_bytes(table.read_bytes().replace(b",model,1", b",model,9", 1))
    with table.open() as file:
        assert list(csv.DictReader(file))
    refused(repcat(*words), f"{table} was changed after it was written; run: repcat evaluate run")


def test_two_runs_on_two_datasets_of_one_name_are_not_ranked(repcat, trained, two):
    for name, data in (("one", "a/ct"), ("other", "b/ct")):
        shutil.copytree("run", name)
        good(repcat("predict", name, "--data", data, "--pictures", 0))
        good(repcat("evaluate", name, "--data", data, *QUICK))
    refused(repcat("compare", "one", "other"), "on two datasets that are both called 'ct'")
    good(repcat("compare", "one"))


def test_records_hold_no_clock_so_that_predicting_twice_gives_equal_bytes(repcat, predicted):
    before = {p.name: p.read_bytes() for p in volume("run").parent.iterdir()}
    for path in volume("run").parent.iterdir():
        os.utime(path, (0, 0))
    good(repcat("predict", "run", "--pictures", 0))
    assert {p.name: p.read_bytes() for p in volume("run").parent.iterdir()} == before


def test_a_measure_says_of_which_weights_it_is(repcat, predicted):
    good(repcat("measure", "run", "--what", "checkerboard", "--step", 2))
    good(repcat("measure", "run", "--what", "convergence"))
    read = [ScoreRecord.read(p) for p in sorted((predicted / "metrics").glob("*.csv"))]
    assert [list(r.weights) for r in read] == [["2"], ["1", "2", "3", "4"]]
    np.savetxt(predicted / "metrics/phantoms.validation.convergence.csv", [1])
    refused(repcat("report", "run"), "run: repcat measure run --what convergence")
