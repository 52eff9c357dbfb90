"""Train, predict, evaluate: the whole way, and what goes wrong on it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch

from repcat.runs.run import Run


def test_train_predict_evaluate(repcat, trained):
    assert Run(trained).steps() == [1, 2, 3, 4]
    assert json.loads((trained / "provenance.json").read_text())["versions"]["torch"]
    assert (trained / "curves.png").stat().st_size > 1000
    assert (trained / "pictures" / "validation-000004.png").stat().st_size > 1000
    records = Run(trained).records()
    assert {"step", "model", "mse", "samples_per_s"} <= records[0].keys()
    assert any("validation_psnr" in r for r in records)

    code, out, _ = repcat("predict", "run")
    assert code == 0 and "averaged" in out and "step 4" in out
    volumes = sorted((trained / "predictions").rglob("*.mha"))
    assert len(volumes) == 2
    image = sitk.ReadImage(str(volumes[0]))
    array = np.load(volumes[0].with_suffix(".npy"))
    assert image.GetSpacing() == pytest.approx((25.0, 25.0, 25.0))
    # the phantom's cube of 400 mm is centred on the origin
    assert image.GetOrigin() == pytest.approx((-187.5, -187.5, -187.5))
    assert np.abs(sitk.GetArrayFromImage(image) - array).max() <= 0.5
    assert array.min() >= -1000 and array.max() <= 1000

    code, out, _ = repcat("evaluate", "run")
    assert code == 0
    for method in ("mean volume", "nearest patient", "constant", "oracle"):
        assert method in out
    assert any((trained / "metrics").glob("*.standard.csv"))


@pytest.mark.slow
def test_a_killed_training_resumes_to_the_same_bits(repcat, recipe, trained, tmp_path):
    words = [sys.executable, "-m", "repcat", "train", str(recipe), "--out", "cut"]
    plain = ("--set", "train.validate_every = 0")  # pictures would take most of the time
    words += ["--set", "train.steps = 400", *plain]
    # sums depend on the number of threads, so the child has one as the tests have
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    child = subprocess.Popen(words, cwd=tmp_path, env=env, **quiet)
    patience = time.monotonic() + 60
    while not Run(tmp_path / "cut").steps() and time.monotonic() < patience:
        time.sleep(0.05)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    reached = Run(tmp_path / "cut").steps()[-1]
    assert reached < 400
    steps = f"train.steps = {reached + 3}"
    assert repcat("train", recipe, "--out", "cut", "--resume", "--set", steps, *plain)[0] == 0
    assert repcat("train", recipe, "--out", "whole", "--set", steps, *plain)[0] == 0
    one, other = (Run(tmp_path / name).load() for name in ("cut", "whole"))
    for name, table in one.tensors.items():
        for key, tensor in table.items():
            assert torch.equal(tensor, other.tensors[name][key]), (name, key)


def test_training_into_an_existing_run_is_refused(repcat, recipe, trained):
    code, _, err = repcat("train", recipe, "--out", "run")
    assert code == 2 and "--resume" in err and "Traceback" not in err


def test_resuming_with_another_recipe_names_what_differs(repcat, recipe, trained):
    words = ("train", recipe, "--out", "run", "--resume", "--set", "optim.lr = 1.0")
    code, _, err = repcat(*words)
    assert code == 2 and "optim.lr: it has 0.01, you ask for 1.0" in err


def test_resuming_what_never_began_is_refused(repcat, recipe):
    code, _, err = repcat("train", recipe, "--out", "none", "--resume")
    assert code == 2 and "no run" in err and not Path("none").exists()


def test_a_recipe_with_faults_writes_nothing(repcat, recipe):
    words = ("train", recipe, "--out", "run", "--set", "train.stepz = 1", "--set", "data.size = 17")
    code, _, err = repcat(*words)
    assert code == 2 and "did you mean 'steps'" in err and not Path("run").exists()


def test_a_size_that_the_backbone_cannot_take_writes_nothing(repcat, recipe):
    words = ("train", recipe, "--out", "run", "--set", "backbone.use = 'swin_unetr'")
    code, _, err = repcat(*words)
    assert code == 2 and "64" in err and err.count("\n") == 1 and not Path("run").exists()


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="no sha256sum (GNU coreutils)")
def test_a_recipe_edited_by_hand_is_named_and_the_command_told_takes_it(repcat, recipe, trained):
    text = (trained / "recipe.toml").read_text()
    (trained / "recipe.toml").write_text(text.replace("4,\n    8,", "4,\n    16,"))
    code, _, err = repcat("predict", "run")
    assert code == 2 and "recipe.toml was changed" in err and err.count("\n") == 1
    subprocess.run(err.rpartition(" meant: ")[2].strip(), shell=True, check=True)
    code, _, err = repcat("predict", "run")
    assert code == 2 and "does not fit its recipe.toml" in err
    assert not (trained / "predictions").exists()


def test_scoring_before_predicting_says_what_to_run(repcat, trained):
    code, _, err = repcat("evaluate", "run")
    assert code == 2 and "repcat predict run" in err


def test_a_device_that_is_not_there_is_refused(repcat, recipe):
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    code, _, err = repcat("train", recipe, "--device", "cuda")
    assert code == 2 and "use cpu" in err
