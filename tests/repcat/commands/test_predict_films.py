"""`repcat predict RUN --xray FILE@ANGLE`: one line each for what is wrong, nothing written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

HERE = Path("case")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of 16 voxels, trained for one step, and two films of 40 pixels beside it."""
    from repcat.registry.plugins import load_parts
    from repcat.training.begin import start
    from repcat.training.fit import fit

    folder = tmp_path_factory.mktemp("films")
    (folder / "tiny.toml").write_text(
        """
data = {use = "phantoms", size = 16, train = 4, validation = 1, test = 1}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [4, 8], res_units = 1}
objective.use = "l2"
train = {steps = 1, batch_size = 1, save_every = 1}
"""
    )
    fit(*start(folder / "tiny.toml", folder / "run", [], "cpu", load_parts()))
    rows, columns = np.mgrid[:40, :40]
    for name, brighter in (("pa", 0), ("lat", 1)):
        save(folder / f"{name}.png", ((rows * 40 + columns) * 10 + brighter).astype(np.uint16))
    save(folder / "small.png", ((rows * 40 + columns) * 10).astype(np.uint16)[:12, :12])
    photo = np.random.default_rng(0).integers(0, 255, (40, 40, 3)).astype(np.uint8)
    save(folder / "photo.png", photo, vector=True)
    (folder / "cut.png").write_bytes((folder / "pa.png").read_bytes()[:200])
    (folder / "text.dcm").write_text("no film")
    return folder


def save(path, pixels, vector=False):
    sitk.WriteImage(sitk.GetImageFromArray(pixels, isVector=vector), str(path))


def predict(repcat, run, *xrays, more=()):
    words = [word for xray in xrays for word in ("--xray", f"{run}/{xray}")]
    return repcat("predict", run / "run", *words, "--out", HERE, "--device", "cpu", *more)


@pytest.mark.parametrize(
    ("xrays", "said"),
    [
        (["pa.png@pa"], "the model reads 2 views, at 0, 90 degrees; you gave 1, at 0"),
        (["pa.png@pa", "lat.png@0"], "pa.png and lat.png are both given for 0 degrees"),
        (["pa.png@pa", "lat.png@45"], "data.views = [0, 45]"),
        (["pa.png@pa", "lat.png@1.57"], "write 90"),
        (["pa.png@pa", "lat.png@laterl"], "did you mean lateral"),
        (["pa.png@pa", "lat.png"], "write FILE@ANGLE"),
        (["pa.png@pa", "none.png@90"], "none.png: there is no such file"),
        (["pa.png@pa", "run@90"], "run: a folder"),
        (["pa.png@pa", "photo.png@90"], "photo.png: a colour picture"),
        (["pa.png@pa", "cut.png@90"], "cut.png: the file is cut short"),
        (["pa.png@pa", "text.dcm@90"], "text.dcm: the pixels cannot be read"),
        (["pa.png@pa", "small.png@90"], "12 x 12 pixels are fewer than the 16 x 16"),
    ],
)
def test_what_cannot_be_reconstructed_is_one_line(repcat, run, xrays, said):
    code, _, err = predict(repcat, run, *xrays)
    assert code == 2 and "Traceback" not in err
    assert said in err and len(err.strip().splitlines()) == 1
    assert not list(Path().iterdir())


def test_two_films_become_a_case_and_every_step_is_said(repcat, run):
    code, out, err = predict(repcat, run, "lat.png@lateral", "pa.png@ap", more=["--dicom"])
    assert code == 0, err
    assert "pa.png -> 0 degrees (view ap)" in out and "lat.png -> 90 degrees" in out
    assert "warning: source at 180 degrees, read as 0 from the other side" in out
    assert "reprojection: " in out and "synthetic, research use only" in out
    files = {p.name for p in HERE.iterdir()} - {"report.html"}
    assert files == {
        "case.json", "dicom", "volume.mha", "volume.nii.gz", "volume.npy", "xrays.safetensors",
    }  # fmt: skip
    record = json.loads((HERE / "case.json").read_text())
    assert "opposite_view" in [w["code"] for w in record["warnings"]]


def test_one_film_under_two_angles_is_warned_about_and_a_replaced_case_is_said(repcat, run):
    code, out, err = predict(repcat, run, "pa.png@pa", "pa.png@lateral")
    assert code == 0 and "warning: the same picture as pa.png, at another angle" in out + err
    assert "took the place" not in out
    code, out, err = predict(repcat, run, "pa.png@pa", "lat.png@lateral")
    assert code == 0 and "the same picture" not in out + err
    assert "case: took the place of the case that was there" in out
    record = json.loads((HERE / "case.json").read_text())
    assert "copy" not in [w["code"] for w in record["warnings"]]


def test_strict_makes_warnings_errors_and_writes_nothing(repcat, run):
    code, _, err = predict(repcat, run, "pa.png@pa", "lat.png@90", more=["--strict"])
    assert code == 2 and "--strict: " in err and not HERE.exists()


def test_options_of_films_without_a_film_are_refused(repcat, run):
    code, _, err = repcat("predict", run / "run", "--strict")
    assert code == 2 and "--strict goes with --xray" in err
    code, _, err = predict(repcat, run, "pa.png@pa", "lat.png@90", more=["--film-mm", 4])
    assert code == 2 and "no film of a chest" in err
    for more, told in (
        (["--film-mm", "430,350,300"], "3 heights of films for 2 films"),
        (["--film-mm", "tall"], "not numbers by commas"),
        (["--source-mm", "1600:1800"], "give the film's distance first"),
    ):
        code, _, err = predict(repcat, run, "pa.png@pa", "lat.png@90", more=more)
        assert code == 2 and told in err and err.count("\n") == 1
    code, _, err = repcat("predict", run / "run", "--source-mm", "1800")
    assert code == 2 and "--source-mm goes with --xray" in err
    code, _, err = repcat("predict", run / "run", "--accept", "axial-slice")
    assert code == 2 and "--accept goes with --xray" in err


def test_heights_and_source_are_told_of_each_film(repcat, run):
    more = ["--film-mm", "430,350", "--source-mm", "1800:1500"]
    code, out, err = predict(repcat, run, "pa.png@pa", "lat.png@90", more=more)
    assert code == 0, err
    assert "the film is 430 mm high, as told" in out and "the film is 350 mm high" in out
    assert out.count("magnification 1.2: 1800 mm from source to film, 1500 to axis (as told)") == 2


def test_a_folder_that_is_taken_is_refused_before_anything_is_read(repcat, run):
    HERE.mkdir()
    (HERE / "mine").touch()
    code, _, err = predict(repcat, run, "pa.png@pa")
    assert code == 2 and "would be lost" in err and (HERE / "mine").exists()
