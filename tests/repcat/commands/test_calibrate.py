"""`repcat calibrate`, and what `predict` and `evaluate` make of it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch

from repcat import load
from repcat.inference.predictor import load_predictor
from repcat.registry.plugins import load_parts
from repcat.runs.calibration import FILE, Calibration
from repcat.runs.opened import OpenRun
from repcat.scoring.body_mask import body_mask
from repcat.scoring.interval_sets import Quantiles
from repcat.scoring.risk_control import hoeffding_bentkus_p_value

RECIPE = """
data = {use = "phantoms", size = 16, train = 2, validation = 3, test = 2}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [4, 8], res_units = 1}
objective.use = "l1"
optim.lr = 1e-2
train = {steps = 20, batch_size = 1, save_every = 20, quantiles = [0.05, 0.95]}
"""
ANY = {"mapper": '{use = "view_pool", features = 2}', "views": "views = [0, 45, 90]"}
LOOSE = ("--alpha", 0.5, "--delta", 0.25)  # which two patients can show


@pytest.fixture(scope="session")
def quantiled(call, tmp_path_factory):
    """A run with quantiles; tests do not write into it."""
    folder = tmp_path_factory.mktemp("quantiled")
    (folder / "tiny.toml").write_text(RECIPE)
    call("train", folder / "tiny.toml", "--out", folder / "run", "--device", "cpu")
    return folder / "run"


@pytest.fixture(scope="session")
def calibrated_once(call, quantiled, tmp_path_factory):
    """A copy of it, calibrated, with predictions and scores."""
    run = Path(shutil.copytree(quantiled, tmp_path_factory.mktemp("calibrated") / "run"))
    call("calibrate", run, *LOOSE)
    call("predict", run, "--pictures", 0)
    call("evaluate", run, "--protocol", "standard")
    return run


@pytest.fixture
def bare(quantiled, tmp_path):
    return Path(shutil.copytree(quantiled, tmp_path / "bare"))


@pytest.fixture
def calibrated(calibrated_once, tmp_path):
    return Path(shutil.copytree(calibrated_once, tmp_path / "calibrated"))


def predictions(run, side=""):
    return sorted((run / "predictions/phantoms").glob(f"*{side}.mha"))


def rows(run, table):
    lines = (run / f"metrics/phantoms.{table}.csv").read_text().splitlines()
    names = lines[0].split(",")[2:]
    return {
        tuple(line.split(",")[:2]): dict(zip(names, map(float, line.split(",")[2:]), strict=True))
        for line in lines[1:]
    }


def test_what_is_found_is_kept_with_what_it_is_of(calibrated_once):
    found = Calibration.read(calibrated_once)
    opened = OpenRun.of(calibrated_once, load_parts())
    assert found.patients == list(opened.ids("validation")) and found.split == "validation"
    assert (found.alpha, found.delta, found.quantiles) == (0.5, 0.25, [0.05, 0.95])
    (entry,) = found.factors
    assert entry["views"] == 2 and 0 <= entry["missed"] <= entry["worst"] <= 1
    assert entry["missed"] < entry["bound"] <= 0.5
    assert (
        json.loads((calibrated_once / FILE).read_text())["note"] == "synthetic, research use only"
    )


def test_the_factor_is_the_smallest_that_the_bound_allows(calibrated_once):
    opened = OpenRun.of(calibrated_once, load_parts())
    (entry,) = Calibration.read(calibrated_once).factors
    predictor = load_predictor(opened, "cpu")

    def missed(factor):
        shares = []
        for name in opened.ids("validation"):
            truth = opened.patients.load(name).volume.float()
            reading = predictor.reading(opened.cache.batch([name]))[0]
            low, high = Quantiles(*reading).at(factor, opened.recipe.window)
            known = truth.clamp(-1000, 1000)
            shares.append(float(((known < low) | (known > high))[body_mask(truth)].float().mean()))
        return np.mean(shares)

    assert missed(entry["factor"]) == pytest.approx(entry["missed"], abs=2e-3)
    assert hoeffding_bentkus_p_value(missed(entry["factor"]), 3, 0.5) <= 0.25
    assert hoeffding_bentkus_p_value(missed(entry["factor"] * 0.98), 3, 0.5) > 0.25


def test_a_lower_and_an_upper_volume_hold_the_volume_and_say_what_they_are(calibrated_once):
    for lower, upper in zip(
        predictions(calibrated_once, "lower"), predictions(calibrated_once, "upper"), strict=True
    ):
        volume = np.load(str(lower).replace(".lower.mha", ".npy"))
        low, high = (sitk.GetArrayFromImage(sitk.ReadImage(str(f))) for f in (lower, upper))
        assert low.dtype == np.int16 and (low <= volume).all() and (volume <= high).all()
        assert (low < high).any() and low.min() >= -1000 and high.max() <= 1000
        assert b"synthetic, research use only" in lower.read_bytes()[:1000]
        assert b"calibrated on 3 patients of phantoms" in upper.read_bytes()[:1000]
    assert len(predictions(calibrated_once)) == 6  # with both sides of two patients


def test_coverage_is_scored_by_patient_and_tissue(calibrated_once):
    found = rows(calibrated_once, "intervals")
    patients = OpenRun.of(calibrated_once, load_parts()).patients
    for lower in predictions(calibrated_once, "lower"):
        name = lower.name.removesuffix(".lower.mha")
        truth = patients.load(name).volume.float()
        upper = lower.with_name(f"{name}.upper.mha")
        low, high = (
            torch.from_numpy(sitk.GetArrayFromImage(sitk.ReadImage(str(f)))) for f in (lower, upper)
        )
        inside = (low <= truth.clamp(-1000, 1000)) & (truth.clamp(-1000, 1000) <= high)
        row, body = found[name, "model"], body_mask(truth)
        assert row["coverage"] == pytest.approx(float(inside.float().mean()), abs=1e-6)
        assert row["body_coverage"] == pytest.approx(float(inside[body].float().mean()), abs=1e-6)
        bone = body & (truth >= 200)
        assert row["bone_coverage"] == pytest.approx(float(inside[bone].float().mean()), abs=1e-6)
        assert row["body_width_hu"] == pytest.approx(float((high - low)[body].float().mean()), 1e-4)
        assert row["true_lung_ml"] > 0


def test_no_other_figure_changes_with_intervals(repcat, bare, calibrated_once):
    repcat("predict", bare, "--pictures", 0)
    repcat("evaluate", bare, "--protocol", "standard")
    for table in ("standard", "faithfulness"):
        ours, theirs = (run / f"metrics/phantoms.{table}.csv" for run in (bare, calibrated_once))
        assert ours.read_bytes() == theirs.read_bytes()
    assert not (bare / "metrics/phantoms.intervals.csv").exists()
    volumes = [sorted(run.rglob("*.npy")) for run in (bare, calibrated_once)]
    assert [f.read_bytes() for f in volumes[0]] == [f.read_bytes() for f in volumes[1]]


def test_a_run_that_is_not_calibrated_says_so_and_gives_no_interval(repcat, bare):
    code, out, _ = repcat("predict", bare, "--pictures", 0)
    assert code == 0 and not predictions(bare, "lower")
    (line,) = [line for line in out.splitlines() if "interval" in line]
    assert line.startswith("no intervals: not calibrated; run: repcat calibrate")


def test_raw_quantiles_are_given_where_they_are_asked_for(repcat, bare):
    code, out, _ = repcat("predict", bare, "--pictures", 0, "--uncalibrated")
    assert code == 0 and "not calibrated: raw quantiles, no guarantee" in out
    assert b"no guarantee" in predictions(bare, "lower")[0].read_bytes()[:1000]
    repcat("predict", bare, "--pictures", 0)
    assert not predictions(bare, "lower") and not predictions(bare, "upper")


def test_patients_of_other_data_get_no_guarantee(repcat, calibrated):
    (calibrated / FILE).unlink()
    found = Calibration.read(calibrated)
    assert found is None
    assert repcat("calibrate", calibrated, *LOOSE)[0] == 0
    replace(Calibration.read(calibrated), fingerprint="other").write(calibrated)
    assert "intervals: no guarantee" in repcat("predict", calibrated, "--pictures", 0)[1]


def test_a_calibration_of_other_weights_is_not_used(repcat, calibrated):
    recipe = calibrated / "recipe.toml"
    words = ("--out", calibrated, "--resume", "--set", "train.steps = 21", "--device", "cpu")
    assert repcat("train", recipe, *words)[0] == 0
    code, out, _ = repcat("predict", calibrated, "--pictures", 0)
    assert code == 0 and "no intervals: calibration.json is of other weights (step 20)" in out
    assert not predictions(calibrated, "lower")
    code, out, _ = repcat("predict", calibrated, "--pictures", 0, "--step", 20)
    assert code == 0 and predictions(calibrated, "lower")


def test_a_run_of_any_views_gets_a_factor_for_each_number(repcat, tmp_path):
    text = RECIPE.replace('mapper.use = "repeat_concat"', f"mapper = {ANY['mapper']}")
    (tmp_path / "any.toml").write_text(text.replace("size = 16", f"size = 16, {ANY['views']}"))
    repcat("train", "any.toml", "--out", "any", "--set", "train.steps = 4", "--device", "cpu")
    code, out, err = repcat("calibrate", "any", *LOOSE)
    assert code == 0, err
    assert [e["views"] for e in Calibration.read(Path("any")).factors] == [1, 2, 3]
    assert "1 view: factor" in out and "3 views: factor" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--split", "test"), "test split is for scores alone; calibrate on --split validation"),
        (("--split", "train"), "was trained on the train split"),
        (("--split", "nonsense"), "no split 'nonsense'"),
        (("--alpha", 0), "--alpha 0 must lie between 0 and 1"),
        (("--delta", 1.5), "--delta 1.5 must lie between 0 and 1"),
        ((), "3 patients cannot show that 0.1 or less is missed at confidence 0.9: even with"),
        ((*LOOSE, "--step", 7), "no checkpoint of step 7"),
        (("--data", "none"), "none is no dataset"),
    ],
)
def test_what_gives_no_guarantee_is_refused(repcat, quantiled, words, said, told):
    assert len(told(repcat("calibrate", quantiled, *words), said)) == 1
    assert not (quantiled / FILE).exists()


def test_a_run_without_quantiles_is_told_how_to_have_them(repcat, trained_once, told):
    told(repcat("calibrate", trained_once), "learnt no quantiles")
    told(repcat("predict", trained_once, "--uncalibrated"), "train.quantiles = [0.05, 0.95]")


@pytest.mark.parametrize("change", [("factor", "facto"), ('"alpha": 0.5', '"alpha": 0.4'), None])
def test_a_calibration_that_was_changed_is_refused(repcat, calibrated, change, told):
    file = calibrated / FILE
    file.write_text(file.read_text().replace(*change) if change else "{")
    told(repcat("predict", calibrated), "is not what `repcat calibrate` wrote")


def test_an_exported_model_is_calibrated_too_and_names_no_patient(repcat, calibrated):
    code, _, err = repcat("export", calibrated, "--out", "hub")
    assert code == 0, err
    assert "phantom-1" not in Path("hub", FILE).read_text()
    given = load("hub", device="cpu").intervals.calibration
    assert given.factors == Calibration.read(calibrated).factors and given.count == 3
