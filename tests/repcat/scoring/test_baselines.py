"""Trivial baselines and the scale of blur."""

import math

import pytest
import torch

from repcat import Geometry, Patient, Patients, Window, preset
from repcat.errors import DataError
from repcat.scoring.baselines import BlurScale, TrainingSet, equivalent_blur_mm, oracles
from repcat.scoring.body import body_mask
from repcat.scoring.metrics import psnr
from repcat.scoring.smoothing import blur

VOXEL_MM = (5.0, 5.0, 5.0)


class Blocks(Patients):
    """Blocks of 40 HU in air; patient k is k voxels wider. Its X-rays are sums along y and x."""

    name = "blocks"
    fingerprint = "0"
    geometry: Geometry = preset("parallel", size=24, cube_mm=120.0)

    def __init__(self, train: int = 3) -> None:
        self.train = train

    def ids(self, split: str) -> tuple[str, ...]:
        counts = {"train": range(self.train), "test": range(3, 5)}
        return tuple(f"p{k}" for k in counts.get(split, ()))

    def load(self, patient: str) -> Patient:
        k = int(patient[1:])
        hu = torch.full((24, 24, 24), -1000.0)
        hu[3:21, 8 - k : 16 + k, 6:18] = 40.0
        hu[8:10, 10:12, 10:12] = 3000.0
        mu = (hu + 1000) / 1000
        return Patient(patient, hu.short(), torch.stack((mu.sum(1), mu.sum(2))))


def test_a_training_patient_is_its_own_nearest() -> None:
    patients = Blocks()
    known = TrainingSet.of(patients, Window())
    assert [known.nearest(patients.load(i)) for i in patients.ids("train")] == ["p0", "p1", "p2"]
    assert known.nearest(patients.load("p3")) == "p2"
    nearest = known.predictions(patients.load("p3"))["nearest patient"]
    assert torch.equal(nearest, patients.load("p2").volume.float())


def test_the_mean_volume_is_that_of_the_training_set_in_the_window() -> None:
    patients = Blocks()
    known = TrainingSet.of(patients, Window())
    volumes = torch.stack([patients.load(i).volume.clamp(-1000, 1000) for i in ("p0", "p1", "p2")])
    assert torch.allclose(known.mean, volumes.float().mean(0))
    assert known.constant == pytest.approx(float(volumes.float().mean()), abs=1e-3)


def test_without_training_patients_there_are_no_baselines() -> None:
    with pytest.raises(DataError, match="'blocks' has no training patients"):
        TrainingSet.of(Blocks(train=0), Window())


def test_equivalent_blur_finds_how_far_the_truth_was_blurred() -> None:
    truth = Blocks().load("p1").volume.float()
    mask = body_mask(truth)
    for sigma, prediction in zip((10, 20), oracles(truth, VOXEL_MM).values(), strict=True):
        for where in (None, mask):
            found = equivalent_blur_mm(truth, prediction, VOXEL_MM, Window(), where)
            assert found == pytest.approx(sigma, abs=0.3)


def test_a_perfect_prediction_is_not_blurred_and_a_hopeless_one_beyond_all_blur() -> None:
    truth = Blocks().load("p1").volume.float()
    assert equivalent_blur_mm(truth, truth, VOXEL_MM) == 0
    assert equivalent_blur_mm(truth, -truth, VOXEL_MM) == math.inf


def test_the_blur_scale_falls() -> None:
    truth = Blocks().load("p2").volume.float()
    scale = BlurScale(truth, VOXEL_MM, Window())
    assert scale.psnrs == sorted(scale.psnrs, reverse=True)
    unit = Window().to_unit
    values = [psnr(unit(truth), unit(blur(truth, mm, VOXEL_MM))) for mm in (3.0, 7.0, 30.0)]
    assert [scale.millimetres(v) for v in values] == pytest.approx([3, 7, 30], rel=0.02)


@pytest.mark.golden
def test_a_real_chest_blurred_by_ten_millimetres_is_read_as_ten(golden) -> None:
    z = golden("plastimatch_drr")
    truth = torch.from_numpy(z["chest_hu"]).float()
    voxel_mm = (float(z["chest_spacing"]),) * 3
    found = equivalent_blur_mm(truth, blur(truth, 10, voxel_mm), voxel_mm, mask=body_mask(truth))
    assert found == pytest.approx(10, abs=0.3)
