"""`repcat models`, and `predict --xray` without a run: models from wheels and of one's own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import repcat as library
from repcat.errors import RunError
from repcat.export.formats import export_run
from repcat.inference.installed import engine_home
from repcat.io.checksums import write_checksums
from repcat.registry.plugins import load_parts
from repcat.scoring.evaluate import evaluate_run
from tests.faults.scenes import trunk

RECIPE = """
data = {use = "phantoms", size = 16, train = 4, validation = 1, test = 2}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [4, 8], res_units = 1}
objective.use = "l2"
train = {steps = 1, batch_size = 1, save_every = 1}
"""
METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: 0.3\n"
FILMS = ("--xray", "pa.png@pa", "--xray", "lat.png@lateral")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of 16 voxels, trained for one step, predicted and scored."""
    from repcat.inference.job import open_job, write_all
    from repcat.training.begin import start
    from repcat.training.fit import fit

    folder = tmp_path_factory.mktemp("models")
    (folder / "tiny.toml").write_text(RECIPE)
    run, parts = folder / "tiny", load_parts()
    fit(*start(folder / "tiny.toml", run, [], "cpu", parts))
    assert list(write_all(open_job(run, None, "test", None, "cpu")))
    evaluate_run(library.inference.load.Run(run), parts)
    return run


@pytest.fixture(scope="module")
def exported(trained, tmp_path_factory):
    """It as a model in half precision, under a licence."""
    out = tmp_path_factory.mktemp("exported") / "tiny"
    return export_run(trained, out=out, half=True, licence="CC BY 4.0").folder


@pytest.fixture(autouse=True)
def site(tmp_path, monkeypatch):
    """Where distributions lie, in front of all others; the user's own models are in `own`.

    There is one `repcat-weights` without a model, in the place of that of this environment.
    """
    site = tmp_path / "site"
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("REPCAT_MODELS", str(tmp_path / "own"))
    wheel(site, "repcat-weights")
    for name in ("pa", "lat"):
        pixels = np.arange(1600, dtype=np.uint16).reshape(40, 40) * 10 + (name == "lat")
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    return site


def wheel(site, name, **models):
    """Lay a distribution out as pip does: a package that holds folders of models, by name."""
    package = site / name.replace("-", "_")
    shutil.rmtree(package, ignore_errors=True)
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('nothing of it is run')")
    for model, folder in models.items():
        shutil.copytree(folder, package / model)
    info = site / f"{package.name}-0.3.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text(METADATA.format(name=name))
    (info / "entry_points.txt").write_text(f"[repcat.models]\nany = {package.name}\n")
    return package


def one_line(result, *words):
    code, _, err = result
    assert code == 2 and "Traceback" not in err and err.count("\n") == 1, err
    for word in words:
        assert word in err, err


def test_a_wheel_of_weights_is_listed_with_what_it_states(repcat, site, exported):
    wheel(site, "repcat-weights", chest=exported)
    code, out, err = repcat("models")
    assert code == 0 and not err
    for words in (
        "chest  (repcat-weights 0.3)", "takes    0, 90 degrees", "16 x 16 x 16 voxels of 25 x",
        "data     phantoms, 4 training patients", "licence  CC BY 4.0",
        "2 test patients of phantoms, 2 views, protocol standard", "(range), mean volume",
    ):  # fmt: skip
        assert words in out, out
    (found,) = json.loads(repcat("models", "--json")[1])["models"]
    assert found["name"] == "chest" and found["half"] and found["voxel_mm"] == [25.0] * 3
    stated = next(s for s in found["scores"] if s["protocol"] == "standard")
    assert f"body PSNR {stated['means']['model']['body_psnr']:.2f} dB" in out


def test_two_films_without_a_run_take_the_model_and_say_which(repcat, site, exported):
    wheel(site, "repcat-weights", chest=exported)
    code, out, err = repcat("predict", *FILMS, "--device", "cpu")
    assert code == 0, err
    assert out.startswith("model chest of repcat-weights 0.3 (0, 90 degrees; ")
    record = json.loads(Path("case/case.json").read_text())
    assert record["run"]["path"] == "chest" and record["run"]["step"] == 1
    films = [str(Path(f"{name}.png").resolve()) for name in ("pa", "lat")]
    case = library.load("chest", device="cpu").reconstruct(films, ["pa", "lateral"])
    assert np.array_equal(np.load("case/volume.npy", allow_pickle=False), case.volume)


def test_without_a_model_it_says_what_to_do(repcat):
    said = ("no model is installed", "repcat-weights 0.3: no folder in repcat_weights holds a")
    one_line(repcat("predict", *FILMS), *said, "pip install repcat-weights", "messages.md#no-")
    code, out, err = repcat("models")
    assert code == 0 and "no model is installed" in out
    assert "without a model: repcat-weights 0.3" in err


def test_what_no_model_takes_is_told_with_what_there_is(repcat, site, exported):
    wheel(site, "repcat-weights", chest=exported)
    result = repcat("predict", "--xray", "pa.png@pa")
    said = "no installed model takes 1 X-ray at 0 degrees"
    one_line(result, said, "chest of repcat-weights 0.3 reads 0, 90 degrees")
    one_line(repcat("predict", "--xray", "pa.png@pa", "--xray", "lat.png@0"), "both given for 0")


@pytest.mark.parametrize("name", ["model.safetensors", "film.safetensors", "model.json"])
def test_a_flipped_bit_is_told_by_its_hash(repcat, site, exported, name):
    file = wheel(site, "repcat-weights", chest=exported) / "chest" / name
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    code, out, err = repcat("models")
    assert code == 0 and f"{name} is not what was exported, by its SHA-256" in err
    assert "licence" not in out
    one_line(repcat("predict", *FILMS), name, "SHA-256", "no model is installed that can be used")
    one_line(repcat("predict", "chest", *FILMS), name, "SHA-256")


def test_a_model_without_its_list_of_checksums_is_not_used(repcat, site, exported):
    (wheel(site, "repcat-weights", chest=exported) / "chest" / "SHA256SUMS").unlink()
    one_line(repcat("predict", *FILMS), "has no SHA256SUMS")


def test_two_models_of_one_name_are_both_refused_until_one_goes(repcat, site, exported):
    wheel(site, "repcat-weights", chest=exported)
    wheel(site, "others-weights", chest=exported)
    one_line(
        repcat("predict", "chest", *FILMS), "another model has this name (repcat-weights 0.3 in ",
        "pip uninstall others-weights or pip uninstall repcat-weights",
    )  # fmt: skip
    with pytest.raises(RunError, match="code: model-unusable"):
        library.load("chest")
    one_line(repcat("predict", *FILMS), "another model has this name")
    one_line(repcat("models", "add", exported, "--name", "chest"), "chest is installed already")


def test_a_model_for_another_repcat_is_told_by_its_version(repcat, site, exported):
    chest = wheel(site, "repcat-weights", chest=exported) / "chest"
    record = json.loads((chest / "model.json").read_text())
    (chest / "model.json").write_text(json.dumps({**record, "format": 2, "repcat": "9.1"}))
    write_checksums(chest)
    said = "was exported by repcat 9.1 in format 2, and this is repcat"
    one_line(repcat("predict", "chest", *FILMS), said)
    assert said in repcat("models")[2]


def test_a_recipe_of_another_repcat_is_told_by_its_version(repcat, site, exported):
    chest = wheel(site, "repcat-weights", chest=exported) / "chest"
    record = json.loads((chest / "model.json").read_text())
    (chest / "model.json").write_text(json.dumps({**record, "repcat": "9.1"}))
    recipe = (chest / "recipe.toml").read_text()
    (chest / "recipe.toml").write_text(recipe.replace("[train]", "[train]\nmood = 1"))
    write_checksums(chest)
    said = ("recipe.toml cannot be run: train.mood is unknown", "exported by repcat 9.1, read by")
    one_line(repcat("predict", *FILMS), *said)


def test_models_are_added_listed_and_removed(repcat, exported, trained, tmp_path):
    assert repcat("models", "add", exported)[0] == 0
    assert repcat("models", "add", trained, "--name", "mine")[0] == 0
    out = repcat("models")[1]
    assert "tiny  (added here)" in out and "mine  (added here)" in out
    assert not list((tmp_path / "own").glob(".*"))
    for name in ("model.safetensors", "README.md", "SHA256SUMS"):
        assert (tmp_path / "own/tiny" / name).read_bytes() == (exported / name).read_bytes()
    code, said, _ = repcat("predict", *FILMS, "--device", "cpu")
    assert code == 0 and said.count("; not taken: ") == 1
    assert repcat("models", "remove", "tiny")[0] == 0
    assert not (tmp_path / "own/tiny").exists() and (tmp_path / "own/mine").is_dir()


def test_what_cannot_be_added_or_removed_is_one_line(repcat, site, exported, trained, tmp_path):
    wheel(site, "repcat-weights", chest=exported)
    one_line(repcat("models", "add", "nowhere"), "nowhere is no run")
    one_line(repcat("models", "add", trained, "--name", "a/b"), "'a/b' cannot name a model")
    shutil.copytree(exported, "broken")
    Path("broken/recipe.toml").write_text("changed")
    one_line(repcat("models", "add", "broken"), "SHA-256")
    shutil.copytree(exported, "blind")
    Path("blind/film.safetensors").unlink()
    one_line(repcat("models", "add", "blind"), "no film.safetensors")
    one_line(repcat("models", "remove", "nothing"), "no model nothing is installed")
    one_line(repcat("models", "remove", "chest"), "came with repcat-weights 0.3: pip uninstall")
    assert not (tmp_path / "own").exists()


def test_stated_figures_are_repeated_by_one_command(repcat, site, exported):
    chest = wheel(site, "repcat-weights", chest=exported) / "chest"
    code, out, err = repcat("models", "verify", "chest", "--device", "cpu")
    assert code == 0, err
    assert "phantoms, split test, protocol standard: repeated: body PSNR " in out
    record = json.loads((chest / "model.json").read_text())
    for table in record["scores"]:
        table["means"]["model"]["psnr"] += 0.3
    (chest / "model.json").write_text(json.dumps(record))
    write_checksums(chest)
    code, _, err = repcat("models", "verify", "chest", "--device", "cpu")
    assert code == 2 and "error: chest does not repeat its figures: phantoms, split test" in err
    assert "of model's psnr; docs/messages.md#not-repeated" in err
    for table in record["scores"]:
        table["fingerprint"] = "another"
    (chest / "model.json").write_text(json.dumps(record))
    write_checksums(chest)
    said = "none of the figures of chest was made again: phantoms here are other patients"
    one_line(repcat("models", "verify", "chest", "--device", "cpu"), said)


def test_figures_of_prepared_patients_are_made_again_where_they_are_given(repcat):
    for number in range(3):
        trunk(Path("in") / f"p{number}.mha", number)
    small = ("--size", "16", "--views", "0,90", "--ids", "stem", "--split", ".34,.33,.33")
    recipe = RECIPE.replace("phantoms", "prepared").replace(
        "train = 4, validation = 1, test = 2", 'path = "d"'
    )
    Path("r.toml").write_text(recipe)
    for words in (
        ("prepare", "in", "--out", "d", *small), ("train", "r.toml", "--out", "run"),
        ("predict", "run"), ("evaluate", "run"), ("export", "run", "--out", "x"),
    ):  # fmt: skip
        assert repcat(*words)[0] == 0, words
    Path("d").rename("elsewhere")
    code, out, err = repcat("models", "verify", "x")
    assert code == 2 and "give their prepared dataset by --data" in err
    code, out, err = repcat("models", "verify", "x", "--data", "elsewhere")
    assert code == 0 and "d, split test, protocol standard: repeated" in out, err


def test_a_source_that_cannot_be_read_is_told_and_stops_nothing(repcat, site, exported):
    wheel(site, "repcat-weights", chest=exported)
    for number, value in enumerate(("nowhere_at_all", "json.decoder")):
        wheel(site, f"odd{number}")
        entry = f"[repcat.models]\nany = {value}\n"
        (site / f"odd{number}-0.3.dist-info" / "entry_points.txt").write_text(entry)
    code, out, err = repcat("models")
    assert code == 0 and "chest  (repcat-weights 0.3)" in out
    for number, value in enumerate(("nowhere_at_all", "json.decoder")):
        assert f"odd{number} 0.3: it cannot be read" in err and f"'{value}' is no package" in err


def test_engines_of_a_wheels_model_are_kept_among_the_users_own(site, exported, tmp_path):
    chest = wheel(site, "repcat-weights", chest=exported) / "chest"
    assert engine_home(chest) == tmp_path / "own" / ".engines" / "chest"
    assert engine_home(exported) == exported / "engines"


def test_a_model_has_no_patients_to_predict(repcat, exported):
    one_line(repcat("predict", exported), "a model without its patients")
    one_line(repcat("predict"), "RUN is missing")
