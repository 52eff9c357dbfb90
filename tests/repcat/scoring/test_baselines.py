"""Trivial baselines and the scale of blur."""

import math

import pytest
import torch

from repcat import Window
from repcat.errors import DataError
from repcat.scoring.baselines import TrainingSet, oracles
from repcat.scoring.blur_scale import BlurScale, equivalent_blur_mm
from repcat.scoring.body_mask import body_mask
from repcat.scoring.metrics import psnr
from repcat.scoring.smoothing import blur

VOXEL_MM = (7.5, 7.5, 7.5)


def test_a_training_patient_is_its_own_nearest(blocks) -> None:
    patients = blocks()
    known = TrainingSet.of(patients, Window())
    assert [known.nearest(patients.load(i)) for i in patients.ids("train")] == ["p0", "p1"]
    assert known.nearest(patients.load("p3")) == "p1"
    nearest = known.predictions(patients.load("p3"))["nearest patient"]
    assert torch.equal(nearest, patients.load("p1").volume.float())


def test_the_mean_volume_is_that_of_the_training_set_in_the_window(blocks) -> None:
    patients = blocks()
    known = TrainingSet.of(patients, Window(-1000, 500))  # the bone has 700
    volumes = torch.stack([patients.load(i).volume.clamp(-1000, 500) for i in ("p0", "p1")])
    assert torch.allclose(known.mean, volumes.float().mean(0))
    assert known.constant == pytest.approx(float(volumes.float().mean()), abs=1e-3)


def test_without_training_patients_there_are_no_baselines(blocks) -> None:
    patients = blocks()
    patients.splits = {"test": ("p2",)}
    with pytest.raises(DataError, match="code: no-patients"):
        TrainingSet.of(patients, Window())


def test_equivalent_blur_finds_how_far_the_truth_was_blurred(blocks) -> None:
    truth = blocks().load("p1").volume.float()
    mask = body_mask(truth)
    for sigma, prediction in zip((10, 20), oracles(truth, VOXEL_MM).values(), strict=True):
        for where in (None, mask):
            found = equivalent_blur_mm(truth, prediction, VOXEL_MM, Window(), where)
            assert found == pytest.approx(sigma, abs=0.3)


def test_a_perfect_prediction_is_not_blurred_and_a_hopeless_one_beyond_all_blur(blocks) -> None:
    truth = blocks().load("p1").volume.float()
    assert equivalent_blur_mm(truth, truth, VOXEL_MM) == 0
    assert equivalent_blur_mm(truth, -truth, VOXEL_MM) == math.inf


def test_the_blur_scale_falls(blocks) -> None:
    truth = blocks().load("p2").volume.float()
    scale = BlurScale(truth, VOXEL_MM, Window())
    assert scale.psnrs == sorted(scale.psnrs, reverse=True)
    unit = Window().to_unit
    values = [psnr(unit(truth), unit(blur(truth, mm, VOXEL_MM))) for mm in (3.0, 7.0, 30.0)]
    assert [scale.millimetres(v) for v in values] == pytest.approx([3, 7, 30], rel=0.02)


def test_a_real_chest_blurred_by_ten_millimetres_is_read_as_ten(golden) -> None:
    z = golden("plastimatch_drr")
    truth = torch.from_numpy(z["chest_hu"]).float()
    voxel_mm = (float(z["chest_spacing"]),) * 3
    found = equivalent_blur_mm(truth, blur(truth, 10, voxel_mm), voxel_mm, mask=body_mask(truth))
    assert found == pytest.approx(10, abs=0.3)
