"""`repcat predict` and `evaluate` on runs and datasets that do not meet: one line, exit code 2."""

from dataclasses import replace

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
