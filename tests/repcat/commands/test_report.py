"""`repcat report` and `repcat view` as a user meets them, and what goes wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch

from repcat.io.volumes import write_mha

STUDY = """
title = "Tiny"
base = "tiny.toml"
[[row]]
name = "one <b>view</b>"
change.data.views = [0.0]
"""


def scenes(page: Path) -> list[dict]:
    (text,) = re.findall(r'<script id="scenes"[^>]*>(.*?)</script>', page.read_text(), re.DOTALL)
    return json.loads(text)["scenes"]


def test_a_run_becomes_a_page_before_and_after_it_is_scored(repcat, trained):
    code, _, err = repcat("report", trained)
    assert code == 2 and "no predictions on phantoms, split test; run: repcat predict run" in err
    assert "\n" not in err.strip() and not list(trained.glob("*.html"))
    assert repcat("predict", trained, "--pictures", 0)[0] == 0
    code, out, err = repcat("report", trained, "--out", "a.html", "--patients", 1)
    assert code == 0 and "synthetic, research use only" in out, err
    assert "Not scored yet" in Path("a.html").read_text() and len(scenes(Path("a.html"))) == 1
    assert repcat("evaluate", trained)[0] == 0
    assert repcat("report", trained)[0] == 0
    page = trained / "report.html"
    text = page.read_text()
    names = [scene["name"] for scene in scenes(page)]
    assert "(best, body PSNR dB" in names[0] and "(worst, body PSNR dB" in names[1]
    assert [layer["name"] for layer in scenes(page)[0]["layers"]] == [
        "prediction", "truth", "absolute error",
    ]  # fmt: skip
    for part in (
        "nearest patient",
        "re-projection",
        "data:image/svg+xml;base64,",
        "[backbone]",
        "tiny.toml",
    ):
        assert part in text
    assert page.stat().st_size < 8e6
    assert str(Path.cwd()) not in text  # where the user keeps things is nobody's business


def test_a_study_needs_a_scored_row_and_shows_its_tables(repcat, recipe):
    study = recipe.parent / "study.toml"
    study.write_text(STUDY)
    code, _, err = repcat("report", study)
    assert code == 2 and f"run: repcat compare {study} --train" in err
    assert not Path("runs").exists()
    assert repcat("compare", study, "--train", "--device", "cpu")[0] == 0
    assert repcat("report", study)[0] == 0
    text = Path("runs/studies/study/report.html").read_text()
    assert "one &lt;b&gt;view&lt;/b&gt;" in text and "<b>view" not in text
    assert "seed 0: scored" in text and 'id="scenes"' not in text


def test_options_that_belong_elsewhere_are_refused(repcat, recipe, tmp_path):
    study = recipe.parent / "study.toml"
    study.write_text(STUDY)
    for words, told in (
        ((study, "--split", "train"), "--data and --split belong to a run"),
        ((tmp_path, "--seeds", "1"), "--set and --seeds belong to a study"),
        ((tmp_path,), "is no run: there is no recipe.toml"),
    ):
        code, _, err = repcat("report", *words)
        assert code == 2 and told in err


def test_any_volume_is_viewed_and_two_alike_with_their_difference(repcat):
    hu = torch.full((6, 7, 8), -1000.0)
    hu[2:4, 2:4, 2:4] = 40.0
    write_mha(Path("a.mha"), hu, (2.0, 2.0, 2.0), (0.0, 0.0, 0.0), "x")
    image = sitk.ReadImage("a.mha")
    for name in ("b.nii", "c.nii.gz", "d.nrrd"):
        sitk.WriteImage(image, name)
    np.save("e.npy", hu.numpy())
    for files, layers in (
        (["a.mha", "c.nii.gz"], [["a.mha", "c.nii.gz", "absolute error"]]),
        (["b.nii", "d.nrrd", "e.npy"], [["b.nii"], ["d.nrrd"], ["e.npy"]]),  # .npy has no spacing
    ):
        code, out, err = repcat("view", *files, "--out", "v.html")
        assert code == 0 and "research use only" in out, err
        found = [[layer["name"] for layer in s["layers"]] for s in scenes(Path("v.html"))]
        assert found == layers
    assert "e.npy has no spacing: 1 mm is shown" in Path("v.html").read_text()


@pytest.mark.real
def test_a_dicom_folder_is_viewed_without_what_its_header_says_of_the_patient(repcat, real):
    assert repcat("view", real / "dicom" / "lungpetctdx_a0001", "--out", "v.html")[0] == 0
    text = Path("v.html").read_text()
    assert len(scenes(Path("v.html"))) == 1
    assert "averaged from 512 x 512" in text and Path("v.html").stat().st_size < 40e6
    assert "Lung_Dx" not in text


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("gone.mha", None, "there is no such file"),
        ("cut.mha", b"ObjectType = Image", "error: cut.mha: "),
        ("flat.npy", "flat", "holds 2 axes, not a volume"),
        (
            "words.txt",
            b"hello",
            "error: words.txt: not a scan that repcat reads: give DICOM, .nii.gz",
        ),
        ("words.txt", b"hello", ".hdf5, .npy"),
    ],
)
def test_what_is_no_volume_is_refused_in_one_line(repcat, name, content, told):
    if content == "flat":
        np.save(name, np.zeros((4, 4)))
    elif content is not None:
        Path(name).write_bytes(content)
    code, _, err = repcat("view", name, "--out", "v.html")
    assert code == 2 and told in err and not Path("v.html").exists()
    assert f"{name}: {name}" not in err


def test_a_page_is_written_as_html_alone(repcat):
    np.save("e.npy", np.zeros((4, 4, 4)))
    code, _, err = repcat("view", "e.npy", "--out", "v.png")
    assert code == 2 and "v.png is no .html" in err
