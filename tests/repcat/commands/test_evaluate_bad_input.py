"""`repcat predict` and `evaluate` on runs and datasets that do not meet: one line, exit code 2."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from repcat.io.checksums import file_hash
from repcat.runs.prediction_record import PredictionRecord


@pytest.mark.parametrize(
    ("volume", "said"),
    [
        (np.zeros((8, 8, 8), np.float32), "8 x 8 x 8; bring both to one grid"),
        (np.full((16, 16, 16), np.nan, np.float32), "4096 of 4096 voxels"),
        (np.full((2, 2), "x"), "cannot be read as an array"),
    ],
)
def test_predictions_that_cannot_be_scored(repcat, run, volume, said, told):
    (saved,) = (run / "predictions").rglob("*.npy")
    np.save(saved, volume)
    saved.with_suffix(".mha").unlink()
    replace(PredictionRecord.read(saved), files={".npy": file_hash(saved)}).write(saved)
    assert len(told(repcat("evaluate", run), said)) == 1
    assert not (run / "metrics").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("predict", "in"), "in is no run"),
        (("predict", "none"), "none is no run"),
        (("predict", "run", "--split", "nonsense"), "no split 'nonsense'; there are train"),
        (("evaluate", "run", "--split", "nonsense"), "no split 'nonsense'; there are train"),
        (("predict", "run", "--data", "in"), "in is no dataset"),
        (("predict", "run", "--data", "d"), "d has no view 90; it has 0, 45"),
        (("predict", "run", "--step", "9"), "no checkpoint of step 9"),
        (("evaluate", "run", "--metric", "x"), "no metric is called 'x'"),
    ],
)
def test_runs_and_datasets_that_do_not_meet(repcat, scan, run, words, said, told):
    if "d" in words:
        repcat("prepare", scan, "--out", "d", "--size", 16, "--views", "0,45", "--split", "0,0,1")
    assert len(told(repcat(*words), said)) == 1


@pytest.mark.parametrize("name", ["../../../PWN", "{here}/PWN"])
def test_an_id_that_is_a_path_writes_and_reads_nothing_outside(repcat, scan, run, name, told):
    words = ("--size", 16, "--views", "0,90", "--split", "0,0,1", "--ids", "stem")
    assert repcat("prepare", scan, "--out", "d", *words)[0] == 0
    patients = Path("d/patients.csv")
    there = f"patients/{name.format(here=Path.cwd())}.safetensors"
    target = Path("d") / there
    target.parent.mkdir(parents=True, exist_ok=True)
    Path("d/patients/p0.safetensors").rename(target)
    patients.write_text(patients.read_text().replace("p0,", f"{name.format(here=Path.cwd())},", 1))
    Path("d/SHA256SUMS").unlink(missing_ok=True)  # a stranger writes his own
    before = sorted(Path().rglob("*"))
    for command in ("predict", "evaluate"):
        assert (
            len(told(repcat(command, "run", "--data", "d"), "cannot name a patient's files")) == 1
        )
    assert sorted(Path().rglob("*")) == before


def test_splits_renamed_in_patients_csv_are_not_scored(repcat, scan, run, told):
    words = ("--size", 16, "--views", "0,90", "--split", "1,0,0")
    assert repcat("prepare", scan, "--out", "d", *words)[0] == 0
    patients = Path("d/patients.csv")
    patients.write_text(patients.read_text().replace(",train,", ",test,"))
    Path("d/SHA256SUMS").unlink(missing_ok=True)
    assert len(told(repcat("predict", "run", "--data", "d"), "were changed; run the same")) == 1
