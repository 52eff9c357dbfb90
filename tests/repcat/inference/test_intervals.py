"""Cases of one's own X-rays, with a lower and an upper volume."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import SimpleITK as sitk
import torch

import repcat
from repcat.errors import RunError
from repcat.geometry import preset
from repcat.inference.intervals import Intervals
from repcat.radiographs.radiograph import Caution
from repcat.registry.plugins import load_parts
from repcat.runs.calibration import Calibration
from repcat.training.begin import start
from repcat.training.fit import fit
from repcat.types import Window

from .conftest import RECIPE

CALIBRATION = Calibration(
    dataset="phantoms",
    fingerprint="f",
    split="validation",
    count=40,
    patients=[],
    where="body",
    bound="betting",
    alpha=0.1,
    delta=0.1,
    quantiles=[0.05, 0.95],
    step=4,
    weights="w",
    factors=[
        {"views": 2, "factor": 2.0, "missed": 0.0, "bound": 0.1, "figures": {"lung_ml": [3.0, 5.0]}}
    ],
)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A run with quantiles that is not calibrated; tests do not write into it."""
    place = tmp_path_factory.mktemp("quantiles")
    text = RECIPE.replace("ema = 0.5", "ema = 0.5, quantiles = [0.1, 0.9]")
    (place / "tiny.toml").write_text(text)
    fit(*start(place / "tiny.toml", place / "run", [], "cpu", load_parts()))
    return place / "run"


@pytest.fixture
def bounded(folder):
    """Its model with the calibration above."""
    model = repcat.load(folder, device="cpu")
    window, geometry = model.recipe.window, model.reference.geometry
    return replace(model, intervals=Intervals(CALIBRATION, window, geometry), no_intervals="")


def test_an_interval_is_scaled_rounded_outwards_and_has_figures():
    reading = torch.full((3, 8, 8, 8), -1000.0)
    reading[:, 1:7, 1:7, 1:7] = torch.tensor([40.0, 20.3, 100.0])[:, None, None, None]
    reading[0, 3:5, 3:5, 3:5] = -800.0
    geometry = preset("parallel", size=8, cube_mm=80.0)  # voxels of 1 ml
    found = Intervals(CALIBRATION, Window(), geometry).of(reading, 2)
    assert float(found.lower[1, 1, 1]) == 0  # 40 - 2 * 19.7 = .6
    assert float(found.upper[1, 1, 1]) == 160
    assert found.figures == {"lung_ml": (8.0, 5.0, 13.0)}
    assert found.said.startswith("at least 90% of the body's voxels of a patient, on average, at")


def test_a_number_of_views_that_was_not_calibrated_has_no_interval():
    plan = Intervals(CALIBRATION, Window(), preset("parallel", size=8, cube_mm=80.0))
    assert plan.of(torch.zeros(3, 8, 8, 8), 1) is None
    assert plan.without(1) == "no interval: calibration.json knows 2 views, not 1"


def test_a_case_has_a_lower_and_an_upper_volume(bounded, films, tmp_path):
    case = bounded.reconstruct(films, ["pa", "lateral"])
    assert (case.interval.lower <= case.volume).all() and (case.volume <= case.interval.upper).all()
    case.write(tmp_path / "case")
    for side in ("lower", "upper"):
        image = sitk.ReadImage(str(tmp_path / f"case/{side}.mha"))
        volume = sitk.ReadImage(str(tmp_path / "case/volume.mha"))
        assert image.GetOrigin() == volume.GetOrigin()
        header = (tmp_path / f"case/{side}.mha").read_bytes()[:1000]
        assert b"synthetic, research use only" in header
    record = json.loads((tmp_path / "case/case.json").read_text())
    assert {"lower.mha", "upper.mha"} <= set(record["files"])
    assert record["interval"]["calibrated"] and record["interval"]["factor"] == 2
    page = (tmp_path / "case/report.html").read_text()
    assert "How sure it is" in page and "lung_ml" in page
    case.write(tmp_path / "case")  # it takes its own place


def test_what_is_warned_of_has_no_guarantee(bounded, films):
    case = bounded.reconstruct(films, ["pa", "lateral"])
    reading = torch.stack([case.volume] * 3)
    doubted = replace(case, cautions=(Caution("far", "far from them", 1.7, 1.0),))
    assert bounded.bounded(doubted, reading).interval_note == (
        "no guarantee: the X-rays are unlike those calibrated on (far)"
    )
    sure = bounded.bounded(replace(case, cautions=()), reading)
    assert sure.interval_note == CALIBRATION.promise


def test_without_a_calibration_a_case_says_why_it_has_none(folder, films, tmp_path):
    case = repcat.load(folder, device="cpu").reconstruct(films, ["pa", "lateral"])
    assert case.interval is None and case.interval_note.startswith("no intervals: not calibrated")
    case.write(tmp_path / "case")
    assert not (tmp_path / "case/lower.mha").exists()
    record = json.loads((tmp_path / "case/case.json").read_text())
    assert record["interval"] == {"note": case.interval_note}


def test_raw_quantiles_are_given_where_they_are_asked_for(folder, films):
    model = repcat.load(folder, device="cpu", uncalibrated=True)
    case = model.reconstruct(films, ["pa", "lateral"])
    assert not case.interval.calibrated and case.interval.factor == 1
    assert "no guarantee" in case.interval_note


def test_a_model_without_quantiles_has_nothing_to_say_of_them(model, trained, films, tmp_path):
    case = model.reconstruct(films, ["pa", "lateral"])
    assert case.interval is None and not case.interval_note
    case.write(tmp_path / "case")
    assert "How sure it is" not in (tmp_path / "case/report.html").read_text()
    assert "interval" not in json.loads((tmp_path / "case/case.json").read_text())
    with pytest.raises(RunError, match="code: no-quantiles"):
        repcat.load(trained, device="cpu", uncalibrated=True)
