"""Real patients and phantoms together: whose splits, whose scene, how often."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch

import repcat
from repcat.data.loader import PatientCache, Stream
from repcat_plugins.datasets.mixed import Mixed
from repcat_plugins.datasets.phantom.phantoms import thorax

VIEWS = (repcat.View(0.0), repcat.View(90.0))
CUBE = 360.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Prepare three scans, which are phantoms of another population, at 16 voxels."""
    from typer.testing import CliRunner

    from repcat.cli import app

    home = tmp_path_factory.mktemp("mixed")
    (home / "scans").mkdir()
    for number, name in enumerate("abc"):
        image = sitk.GetImageFromArray(thorax(9, number, 40, 400.0)[0].astype(np.int16))
        image.SetSpacing((10.0,) * 3)
        sitk.WriteImage(image, str(home / "scans" / f"{name}.nii.gz"))
    words = ["prepare", home / "scans", "--out", home / "ct", "--size", "16", "--views", "0,90"]
    words += ["--split", "0.4,0.3,0.3", "--cube", CUBE]
    done = CliRunner().invoke(app, list(map(str, words)))
    assert done.exit_code == 0, done.output
    return home / "ct"


def mixed(folder: Path, parts: repcat.Parts, **options: object) -> Mixed:
    project = parts.projectors.get("nanodrr").factory()
    return Mixed(repcat.Request(16, VIEWS, project), path=str(folder), **options)


def test_only_real_patients_are_watched_and_tested(folder: Path, parts) -> None:
    data = mixed(folder, parts, phantoms=3)
    for split in ("validation", "test"):
        assert data.ids(split) == data.real.ids(split)
    train = data.ids("train")
    assert train[:-3] == data.real.ids("train") and train[-3:] == data.made.ids("train")
    assert set(data.marks("train")) == set(data.real.ids("train"))


def test_a_phantom_lies_in_the_datasets_cube_and_is_seen_by_its_physics(folder, parts) -> None:
    data = mixed(folder, parts, phantoms=2, seed=4)
    found = data.load(data.made.ids("train")[1])
    assert torch.equal(found.volume, torch.from_numpy(thorax(4, 1, 16, CUBE, 2)[0]))
    assert data.geometry == data.real.geometry and data.geometry.volume_mm[0] == CUBE
    project = parts.projectors.get("nanodrr").factory()
    own = project(data.real.attenuate(found.volume), data.real.geometry, VIEWS)
    assert torch.equal(found.integrals, own)


def test_an_epoch_holds_each_real_patient_as_often_as_stated(folder, parts, recipe_of) -> None:
    recipe = recipe_of(data={"use": "prepared", "path": str(folder), "size": 16})
    data = mixed(folder, parts, phantoms=4, times=3)
    stream = Stream(PatientCache(data, recipe))
    real = len(data.real.ids("train"))
    draws = (3 * real + 4) // 2 * 2
    seen = Counter(name for k in range(draws) for name in stream.ids_of(k))
    epochs = draws * 2 / (3 * real + 4)
    for name in data.ids("train"):
        assert seen[name] == pytest.approx(epochs * data.times(name), abs=3)
    assert data.times(data.real.ids("train")[0]) == 3


def test_what_it_is_made_of_is_its_fingerprint(folder, parts) -> None:
    one = mixed(folder, parts).fingerprint
    assert one == mixed(folder, parts).fingerprint
    others = ({"phantoms": 5}, {"times": 2}, {"generator": 1}, {"seed": 3})
    assert len({one, *(mixed(folder, parts, **o).fingerprint for o in others)}) == 5


def test_a_dataset_whose_cube_no_phantom_has_is_refused(folder, parts, monkeypatch) -> None:
    flat = mixed(folder, parts).geometry
    monkeypatch.setattr(type(flat), "volume_mm", property(lambda self: (600.0, 600.0, 600.0)))
    with pytest.raises(repcat.DataError, match="prepare it with --cube 400"):
        mixed(folder, parts)
