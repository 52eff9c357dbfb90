"""X-rays from a little beside."""

import pytest
import torch

from repcat.analysis.pose_sensitivity import cases, pose_rows, turned
from repcat.models.build import open_patients
from repcat.runs.opened import OpenRun
from repcat.runs.run import Run
from repcat.view import View

TWO = (View(0.0), View(90.0))


def test_all_views_turn_or_the_last_alone():
    assert turned(TWO, 5, "all") == (View(5), View(95))
    assert turned(TWO, -5, "last") == (View(0), View(85))
    assert turned((View(358, mirrored=True),), 5, "all") == (View(3, mirrored=True),)


def test_one_view_has_no_last_of_its_own():
    assert [name for name, _ in cases(TWO[:1], [0, 5])] == ["all +0 deg", "all +5 deg"]
    assert [name for name, _ in cases(TWO, [0, 5])] == ["all +0 deg", "all +5 deg", "last +5 deg"]


def test_the_model_sees_turned_x_rays_and_believes_the_nominal_views(recipe_of, parts, tmp_path):
    recipe = recipe_of(data={"use": "phantoms", "size": 16, "train": 1})
    opened = OpenRun(Run(tmp_path), recipe, open_patients(recipe, parts), parts)
    patients, cache = opened.patients, opened.cache
    patient = patients.load(patients.ids("test")[0])
    seen = []

    def predict(batch):
        assert batch.views == recipe.views
        seen.append(batch.xrays[0])
        return patient.volume

    rows = list(pose_rows(patient, opened, predict, [0.0, 10.0]))
    assert [row.method for row in rows] == ["all +0 deg", "all +10 deg", "last +10 deg"]
    assert torch.allclose(seen[0], cache.of(patient).xrays[0], atol=1e-5)
    assert not torch.allclose(seen[1][0], seen[0][0], atol=0.01)
    assert torch.equal(seen[2][0], seen[0][0]) and torch.equal(seen[2][1], seen[1][1])
    assert rows[2].figures["mse"] == pytest.approx(0, abs=1e-9)
