"""An exported folder, read again without run and dataset, is the same network to the last bit."""

import json
import shutil
import tomllib

import pytest
import torch
from safetensors.torch import load_file, save_file

import repcat
from repcat.errors import DataError, RunError
from repcat.export.formats import export_run
from repcat.export.source import open_subject
from repcat.inference.exported import read_exported
from repcat.io.checksums import SUMS, write_checksums


@pytest.fixture
def folder(run_of):
    run = run_of(average=True)
    return export_run(run.path).folder


def test_weights_recipe_and_geometry_come_back_to_the_same_bits(run_of):
    run = run_of(average=True)
    subject = open_subject(run.path)
    folder = export_run(run.path).folder
    read = read_exported(folder)
    network = read.network
    assert read.recipe == subject.recipe and read.geometry == subject.patients.geometry
    assert not network.training
    saved = load_file(folder / "model.safetensors")
    assert saved.keys() == subject.network.state_dict().keys()
    for name, weight in subject.network.state_dict().items():
        assert torch.equal(network.state_dict()[name], weight) and torch.equal(saved[name], weight)
    assert torch.equal(network(subject.batch).volume, subject.network(subject.batch).volume)


def test_the_averaged_weights_are_the_ones_exported(folder):
    trained = load_file(folder.parents[1] / "checkpoints" / "000002" / "model.safetensors")
    saved = load_file(folder / "model.safetensors")
    name = next(k for k in saved if k.endswith("conv.weight"))
    assert torch.equal(saved[name], 2 * trained[name])


def test_it_opens_where_neither_run_nor_dataset_is(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "elsewhere")
    shutil.rmtree(folder.parents[1])
    assert read_exported(tmp_path / "elsewhere").recipe.data.size == 32


def test_a_patients_own_noise_is_drawn_again(run_of):
    run = run_of(mapper={"use": "noise_concat"})
    subject = open_subject(run.path)
    network = read_exported(export_run(run.path).folder).network
    assert torch.equal(network(subject.batch).volume, subject.network(subject.batch).volume)


def test_paths_of_this_machine_are_left_out(run_of, tmp_path):
    plain = run_of(
        mapper={"use": "encoder2d", "name": "resnet10t"},
        backbone={"use": "autoencoder", "latent": 8, "width": 2, "widest": 4},
    )
    table = load_file(plain.checkpoints / "000002" / "model.safetensors")
    prefix = "mapper.encoders.0.encoder."
    weights = {k.removeprefix(prefix): v for k, v in table.items() if k.startswith(prefix)}
    save_file(weights, tmp_path / "secret.safetensors")
    text = plain.recipe_file.read_text().replace(
        'weights = ""', f'weights = "{tmp_path}/secret.safetensors"'
    )
    plain.recipe_file.write_text(text)
    write_checksums(plain.path, ["recipe.toml", "provenance.json"])
    folder = export_run(plain.path).folder
    for file in ("recipe.toml", "README.md"):
        told = (folder / file).read_text()
        assert "secret" not in told and str(tmp_path) not in told and "/home" not in told
    assert tomllib.loads((folder / "recipe.toml").read_text())["mapper"]["weights"] == ""


@pytest.mark.parametrize("name", ["model.safetensors", "recipe.toml", "geometry.json"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(DataError, match=f"there is no {name}"):
        read_exported(folder)


def test_files_that_do_not_fit_each_other_are_refused(folder):
    (folder / SUMS).unlink()
    geometry = json.loads((folder / "geometry.json").read_text())
    (folder / "geometry.json").write_text(json.dumps({**geometry, "pixels": [16, 16]}))
    with pytest.raises(DataError, match="about 32 a side"):
        read_exported(folder)
    (folder / "geometry.json").write_text("[]")
    with pytest.raises(DataError, match="code: file-damaged"):
        read_exported(folder)
    (folder / "geometry.json").write_text(json.dumps(geometry))
    save_file({"another": torch.zeros(1)}, folder / "model.safetensors")
    with pytest.raises(DataError, match="code: other-weights"):
        read_exported(folder)
    (folder / "model.safetensors").write_bytes(b"torn")
    with pytest.raises(DataError, match="code: file-damaged"):
        read_exported(folder)


def test_repcat_load_takes_it_and_reconstructs_what_the_run_does(folder):
    run = folder.parents[1]
    xrays = [torch.rand(32, 32, generator=torch.Generator().manual_seed(n)) for n in range(2)]
    ours, theirs = (repcat.load(p).reconstruct(xrays) for p in (folder, run))
    assert torch.equal(ours.volume, theirs.volume)
    assert ours.origin.step == theirs.origin.step == 2


def test_one_rule_for_both_readers(folder):
    """What `read_exported` refuses, `repcat.load` refuses too, and geometries must agree."""
    (folder / SUMS).unlink()
    geometry = json.loads((folder / "geometry.json").read_text())
    moved = {**geometry, "source_detector_mm": geometry["source_detector_mm"] + 100}
    (folder / "geometry.json").write_text(json.dumps(moved))
    with pytest.raises(DataError, match="code: other-geometry"):
        repcat.load(folder)
    (folder / "geometry.json").unlink()
    with pytest.raises(DataError, match="code: not-an-export"):
        repcat.load(folder)


def test_an_exported_model_has_one_step(folder):
    assert repcat.load(folder, step=2).predictor.step == 2
    with pytest.raises(RunError, match="it has no step 1"):
        repcat.load(folder, step=1)
