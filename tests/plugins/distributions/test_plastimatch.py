"""plastimatch's program in recipes and in `repcat prepare`; skipped without the plugin."""

import pytest
import torch

from repcat import View, read_patient
from repcat.config.validate import check_recipe
from repcat.data.prepare.pipeline import prepare
from repcat.data.prepare.settings import Settings
from repcat.data.prepare.splits import parse_split
from repcat.models.build import open_patients
from repcat.registry.plugins import load_parts

pytest.importorskip("repcat_plastimatch", reason="the plugin repcat-plastimatch is not installed")


def ncc(one, other):
    return torch.corrcoef(torch.stack((one.flatten(), other.flatten())))[0, 1].item()


def test_a_recipe_makes_its_xrays_with_it() -> None:
    def integrals(projector):
        table = {
            "data": {"use": "phantoms", "size": 32, "train": 1, "projector": projector},
            "mapper": {"use": "repeat_concat"},
            "backbone": {"use": "unet"},
            "objective": {"use": "l2"},
        }
        patients = open_patients(check_recipe(table, "test", load_parts()), load_parts())
        return patients.load(patients.ids("train")[0]).integrals

    ours, theirs = integrals("plastimatch"), integrals("nanodrr")
    assert ours.shape == theirs.shape == (2, 32, 32)
    assert ncc(ours, theirs) >= 0.995


@pytest.mark.real
def test_a_real_scan_is_prepared_with_it(tmp_path, real) -> None:
    scan = real / "volumes" / "lidc_0001.nii.gz"
    made = {}
    for name in ("plastimatch", "nanodrr"):
        settings = Settings(size=32, views=(View(0.0), View(90.0)), projector=name)
        prepare([scan], tmp_path / name, settings, parse_split("1,0,0", 0), 1)
        (file,) = (tmp_path / name / "patients").iterdir()
        made[name] = read_patient(file).integrals.float()
    ours, theirs = made.values()
    assert all(ncc(a, b) >= 0.998 for a, b in zip(ours, theirs, strict=True))
    assert (ours - theirs).norm() / theirs.norm() <= 0.03
