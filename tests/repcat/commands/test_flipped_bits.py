"""One flipped bit in any file of a run, a checkpoint, a dataset or an export: one line, code 2."""

import random

import numpy as np
import pytest
import SimpleITK as sitk
from typer.testing import CliRunner

from repcat.cli import app

RECIPE = """
data = {use = "prepared", path = "d", size = 16}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [4, 8], res_units = 1}
objective.use = "l2"
train = {steps = 1, batch_size = 1, save_every = 1, log_every = 1, ema = 0.5}
"""
TRIES = 4
AT_ZERO = ("--xray", "pa.png@0", "--xray", "pa.png@90", "--out", "case")
PREDICT, FILM = ("predict", "run", "--split", "train"), ("predict", "run", *AT_ZERO)
RESUME = ("train", "r.toml", "--out", "run", "--resume", "--set", "train.steps = 2")
ANEW, CURVES = ("train", "r.toml", "--out", "new"), ("figure", "curves", "run")
EXPORTED = ("predict", "run/export/hub", *AT_ZERO)
STEP, HUB = "run/checkpoints/000001", "run/export/hub"
# Each file of them, and a command that reads it.
FILES = {
    "run/recipe.toml": (PREDICT, RESUME, ("evaluate", "run"), ("export", "run", "--out", "e")),
    "run/provenance.json": (PREDICT, ("report", "run")),
    "run/SHA256SUMS": (PREDICT,),
    "run/log.jsonl": (CURVES, RESUME),
    "run/film.safetensors": (FILM,),
    f"{STEP}/model.safetensors": (PREDICT, RESUME, FILM),
    f"{STEP}/average.safetensors": (PREDICT,),
    f"{STEP}/optim.model.safetensors": (RESUME,),
    f"{STEP}/state.json": (PREDICT, RESUME),
    f"{STEP}/SHA256SUMS": (RESUME,),
    "d/dataset.toml": (ANEW, PREDICT),
    "d/patients.csv": (ANEW,),
    "d/SHA256SUMS": (ANEW,),
    "d/patients/p0.safetensors": (ANEW, RESUME, PREDICT),
    f"{HUB}/model.safetensors": (EXPORTED,),
    f"{HUB}/recipe.toml": (EXPORTED,),
    f"{HUB}/geometry.json": (EXPORTED,),
    f"{HUB}/film.safetensors": (EXPORTED,),
    f"{HUB}/model.json": (EXPORTED,),
    f"{HUB}/SHA256SUMS": (EXPORTED,),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory, chest):
    """A dataset of one patient, a run trained on it for a step, its export, and a film."""
    folder = tmp_path_factory.mktemp("flipped")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        (folder / "r.toml").write_text(RECIPE)
        chest(folder / "in" / "p0.mha")
        small = ("--size", "16", "--views", "0,90", "--ids", "stem", "--split", "1,0,0")
        for words in (("prepare", "in", "--out", "d", *small), ANEW, ("export", "new")):
            assert not CliRunner().invoke(app, [*words]).exit_code, words
        (folder / "new").rename("run")
        rows, columns = np.mgrid[:40, :40]
        film = sitk.GetImageFromArray(((rows * 40 + columns) * 10).astype(np.uint16))
        sitk.WriteImage(film, "pa.png")
    return folder


def flips(whole, name):
    """Yield copies of a file, each with another bit turned; which, the file's name says."""
    chance = random.Random(name)
    for place in [*chance.sample(range(len(whole)), TRIES), len(whole) - 1]:
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(8)
        yield bytes(changed)


@pytest.mark.parametrize("name", FILES)
def test_one_flipped_bit_is_named_in_one_line(repcat, made, monkeypatch, name):
    monkeypatch.chdir(made)
    path, folder = made / name, name.rpartition("/")[0]
    whole = path.read_bytes()
    try:
        for number, changed in enumerate(flips(whole, name)):
            path.write_bytes(changed)
            code, out, err = repcat(*FILES[name][number % len(FILES[name])])
            assert code == 2 and err.startswith("error: ") and err.count("\n") == 1, (out, err)
            assert folder in err if name.endswith("SHA256SUMS") else path.name in err or STEP in err
    finally:
        path.write_bytes(whole)
    assert not (made / "run" / "predictions").exists() and not (made / "case").exists()


def test_nothing_is_named_where_nothing_is_flipped(repcat, made, monkeypatch):
    monkeypatch.chdir(made)
    listed = {p.relative_to(made).as_posix() for p in made.rglob("*") if p.is_file()}
    pictures = {name for name in listed if name.endswith((".png", "README.md"))}
    assert listed - pictures - {"r.toml", "in/p0.mha"} == set(FILES)
    for words in (CURVES, EXPORTED, PREDICT, RESUME):
        assert repcat(*words)[0] == 0, words
