"""What `repcat predict` writes is what the run's averaged weights give, in the patient's place."""

import shutil

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from safetensors.torch import load_file

from repcat.config.load import read
from repcat.data.loader import PatientCache
from repcat.models.build import build_network, make_task, open_patients
from repcat.registry.plugins import load_parts

CHECKPOINT = "checkpoints/000004"


@pytest.fixture
def predicted(repcat, trained, tmp_path):
    """Return a maker of predictions of a copy of the run."""

    def run(*words):
        shutil.copytree(trained, tmp_path / "run")
        code, _, err = repcat("predict", "run", "--device", "cpu", *words)
        assert code == 0, err
        return tmp_path / "run" / "predictions" / "phantoms"

    return run


def expected(run, patient, *tables):
    """Return HU (D, H, W) by the run's own recipe and tables of weights."""
    parts = load_parts()
    recipe = read(run / "recipe.toml", parts=parts)
    patients = open_patients(recipe, parts)
    network = build_network(recipe, make_task(recipe, patients, parts), parts).eval()
    for table in tables:
        network.load_state_dict(load_file(run / CHECKPOINT / f"{table}.safetensors"), strict=False)
    with torch.no_grad():
        unit = network(PatientCache(patients, recipe).batch([patient])).volume
    return recipe.window.to_hu(unit.clamp(0, 1))[0, 0].numpy()


def test_the_averaged_weights_predict_within_the_window(predicted, trained):
    folder = predicted("--pictures", 0)
    hu = np.load(folder / "phantom-200000.npy")
    assert hu.dtype == np.float32 and hu.min() >= -1000 and hu.max() <= 1000
    averaged = expected(trained, "phantom-200000", "model", "average")
    assert np.allclose(hu, averaged, atol=1e-3)
    assert not np.allclose(hu, expected(trained, "phantom-200000", "model"), atol=1e-3)


def test_the_picture_of_a_volume_holds_its_rounded_hu_on_the_datasets_grid(predicted):
    folder = predicted("--pictures", 0)
    assert sorted(p.name for p in folder.iterdir()) == [
        f"phantom-20000{n}.{kind}" for n in (0, 1) for kind in ("json", "mha", "npy")
    ]
    image = sitk.ReadImage(str(folder / "phantom-200001.mha"))
    hu = np.load(folder / "phantom-200001.npy")
    assert np.array_equal(sitk.GetArrayFromImage(image), hu.round().astype(np.int16))
    assert image.GetSpacing() == pytest.approx((400 / 24,) * 3)


def test_so_many_patients_are_drawn_as_are_asked_for(predicted):
    assert [p.name for p in predicted("--pictures", 1).glob("*.png")] == ["phantom-200000.png"]


def test_a_split_is_predicted_alone(predicted):
    folder = predicted("--pictures", 0, "--split", "validation")
    assert [p.name for p in folder.glob("*.npy")] == ["phantom-100000.npy"]
