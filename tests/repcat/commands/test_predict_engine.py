"""`repcat predict --engine`: records tell the engine, and no figure of it stands for eager's."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from repcat.inference.engine.kinds import KINDS
from repcat.runs.prediction_record import PredictionRecord
from repcat.scoring.score_record import ScoreRecord

pytest.importorskip("openvino", reason="the extra 'openvino' is not installed")

VOLUMES = Path("run/predictions/phantoms")
LABEL = KINDS["openvino"].label


def good(result):
    code, out, err = result
    assert code == 0, err
    return " ".join(out.split())


@pytest.fixture(scope="session")
def predicted_once(trained_once, call, tmp_path_factory):
    """A run predicted by OpenVINO, with the engine that was made for it."""
    folder = shutil.copytree(trained_once, tmp_path_factory.mktemp("engine") / "run")
    call("predict", folder, "--engine", "openvino", "--pictures", 0, "--device", "cpu")
    return folder


@pytest.fixture
def predicted(repcat, predicted_once):
    return Path(shutil.copytree(predicted_once, "run"))


def test_volumes_equal_eagers_and_their_records_tell_the_engine(repcat, predicted):
    ours = {path.stem: np.load(path) for path in VOLUMES.glob("*.npy")}
    assert {PredictionRecord.read(path).engine for path in VOLUMES.glob("*.npy")} == {LABEL}
    good(repcat("predict", "run", "--pictures", 0))
    theirs = {path.stem: np.load(path) for path in VOLUMES.glob("*.npy")}
    assert {PredictionRecord.read(path).engine for path in VOLUMES.glob("*.npy")} == {"eager"}
    assert ours.keys() == theirs.keys() and len(ours) == 2
    for name, volume in ours.items():
        assert 0 < np.abs(volume - theirs[name]).max() <= 1e-4 * 2000


def test_scores_say_by_which_engine_the_volumes_are(repcat, predicted):
    assert f"volumes by {LABEL}, not eager's" in good(repcat("evaluate", "run"))
    assert ScoreRecord.read(predicted / "metrics/phantoms.standard.csv").engine == LABEL
    assert f"run is predicted by {LABEL}, not eager" in good(repcat("compare", "run"))
    good(repcat("report", "run"))
    assert f"by {LABEL}" in (predicted / "report.html").read_text()


def test_volumes_of_two_engines_are_not_scored_together(repcat, predicted, told):
    name = VOLUMES / "phantom-200000.json"
    name.write_text(json.dumps({**json.loads(name.read_text()), "engine": "eager"}))
    said = f"mixes volumes of different engines (eager and {LABEL}); run: repcat predict run"
    told(repcat("evaluate", "run"), said)


def test_verify_predicts_by_the_engine_of_the_records_made_from_the_weights(repcat, predicted):
    (graph,) = predicted.glob("engines/*/model.onnx")
    graph.unlink()  # what the run keeps of it is not asked
    said = good(repcat("verify", "run", "--scores", "--device", "cpu"))
    assert "predictions from kept weights: equal bits" in said


def test_a_record_of_an_unknown_engine_is_refused_by_verify(repcat, predicted, told):
    for file in VOLUMES.glob("*.json"):
        file.write_text(json.dumps({**json.loads(file.read_text()), "engine": "abacus 3"}))
    told(repcat("verify", "run", "--scores"), "there is no engine 'abacus' here")


def test_a_case_tells_its_engine(repcat, predicted):
    films = [word for n, at in enumerate((0, 90)) for word in ("--xray", f"film{n}.png@{at}")]
    rows, columns = np.mgrid[:40, :40]
    import SimpleITK as sitk

    for n in (0, 1):
        image = ((rows * 40 + columns) * 10 + n).astype(np.uint16)
        sitk.WriteImage(sitk.GetImageFromArray(image), f"film{n}.png")
    for engine, label in (("openvino", LABEL), ("eager", "eager")):
        good(repcat("predict", "run", *films, "--out", engine, "--engine", engine))
        assert json.loads(Path(engine, "case.json").read_text())["run"]["engine"] == label
    ours, theirs = (np.load(f"{name}/volume.npy") for name in ("openvino", "eager"))
    assert np.abs(ours - theirs).max() <= 1e-4 * 2000


def test_auto_says_what_it_took_and_why(repcat, trained):
    said = good(repcat("predict", "run", "--engine", "auto", "--pictures", 0))
    assert "engine auto: eager; making and measuring others takes about" in said
    assert PredictionRecord.read(VOLUMES / "phantom-200000.npy").engine == "eager"
    assert not (trained / "engines").exists()
