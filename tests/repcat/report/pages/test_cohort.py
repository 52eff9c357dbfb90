"""Which patients of a run a page shows, and in which order."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from repcat.runs.prediction_record import PredictionRecord


def body_psnr(run: Path) -> dict[str, float]:
    with (run / "metrics" / "phantoms.standard.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["method"] == "model"]
    return {row["id"]: float(row["body_psnr"]) for row in rows}


def test_the_best_one_between_and_the_worst_are_shown(repcat, scored, scenes_of):
    assert repcat("report", scored, "--patients", 3)[0] == 0
    names = [scene["name"] for scene in scenes_of(scored / "report.html")]
    worth = body_psnr(scored)
    best, worst = max(worth, key=worth.get), min(worth, key=worth.get)
    assert names[0] == f"{best} (best, body PSNR dB {worth[best]:.2f})"
    assert names[-1] == f"{worst} (worst, body PSNR dB {worth[worst]:.2f})"
    assert len(names) == 3 and names[1].partition(" ")[0] in set(worth) - {best, worst}


def test_unscored_the_first_patients_are_shown(repcat, scored, scenes_of):
    shutil.rmtree(scored / "metrics")
    assert repcat("report", scored, "--patients", 2)[0] == 0
    names = [scene["name"] for scene in scenes_of(scored / "report.html")]
    assert names == ["phantom-200000", "phantom-200001"]


def test_patients_without_a_prediction_are_left_out(repcat, scored, scenes_of):
    (scored / "predictions/phantoms/phantom-200002.npy").unlink()
    assert repcat("report", scored, "--patients", 9)[0] == 0
    assert not any("200002" in s["name"] for s in scenes_of(scored / "report.html"))


@pytest.mark.parametrize(
    ("split", "cure"),
    [("validation", "run: repcat predict run --split validation"), ("nosuch", "there are train")],
)
def test_a_split_without_predictions_says_what_to_run(repcat, scored, split, cure):
    code, _, err = repcat("report", "run", "--split", split)
    assert code == 2 and cure in err


def test_a_prediction_of_another_size_is_not_shown_as_if_it_fitted(repcat, scored):
    volume = scored / "predictions/phantoms/phantom-200000.npy"
    scene = PredictionRecord.read(volume).geometry | {"voxels": [8, 8, 8]}
    replace(PredictionRecord.read(volume), geometry=scene).write(volume)
    code, _, err = repcat("report", scored, "--patients", 9)
    assert code == 2 and "phantom-200000.npy is in another geometry than phantoms has now" in err
    assert "run: repcat predict" in err and not (scored / "report.html").exists()
