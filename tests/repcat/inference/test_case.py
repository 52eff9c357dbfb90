import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
import torch
from safetensors.torch import load_file

from repcat.errors import DataError
from repcat.radiographs.radiograph import Caution

NOTICE = "synthetic, research use only"


@pytest.fixture
def marked(model, films):
    """A case whose volume is air with a mark at the head, one on the left, one at the back."""
    case = model.reconstruct(films, ["pa", "lateral"])
    hu = torch.full((24, 24, 24), -1000.0)
    hu[22, 12, 12], hu[12, 12, 20], hu[12, 19, 12] = 100.0, 200.0, 300.0
    return replace(case, volume=hu)


def series(folder):
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return reader.Execute()


def test_every_format_puts_head_up_left_on_the_left_in_the_same_place(marked, tmp_path):
    marked.write(tmp_path / "case", dicom=True)
    images = [
        sitk.ReadImage(str(tmp_path / "case/volume.mha")),
        sitk.ReadImage(str(tmp_path / "case/volume.nii.gz")),
        series(tmp_path / "case/dicom"),
    ]
    mm = 400 / 24
    for image in images:
        found = sitk.GetArrayFromImage(sitk.DICOMOrient(image, "LPS"))
        assert np.array_equal(found, marked.volume.numpy())
        assert image.GetSpacing() == pytest.approx((mm,) * 3)
        assert image.TransformContinuousIndexToPhysicalPoint([11.5] * 3) == pytest.approx(
            (0, 0, 0), abs=1e-3
        )
        for value, axis, place in ((100, 2, 10.5), (200, 0, 8.5), (300, 1, 7.5)):
            index = np.argwhere(sitk.GetArrayFromImage(image) == value)[0][::-1].tolist()
            point = image.TransformIndexToPhysicalPoint(index)
            assert point[axis] == pytest.approx(place * mm, abs=1e-3)  # to the head, left, back
    assert np.array_equal(np.load(tmp_path / "case/volume.npy"), marked.volume.numpy())


def test_every_file_says_that_it_is_synthetic(marked, tmp_path):
    folder = marked.write(tmp_path / "case", dicom=True)
    assert f"Comment = {NOTICE}".encode() in (folder / "volume.mha").read_bytes()[:1000]
    assert NOTICE in sitk.ReadImage(str(folder / "volume.nii.gz")).GetMetaData("descrip")
    assert json.loads((folder / "case.json").read_text())["notice"] == NOTICE
    data = pydicom.dcmread(folder / "dicom/0001.dcm")
    assert NOTICE in data.ImageComments and NOTICE in data.DerivationDescription
    assert list(data.ImageType[:2]) == ["DERIVED", "SECONDARY"]


def test_the_series_invents_no_patient_and_has_fresh_uids(marked, tmp_path):
    found = []
    for name in ("a", "b"):
        folder = marked.write(tmp_path / name, dicom=True)
        found += [pydicom.dcmread(p) for p in sorted((folder / "dicom").iterdir())]
    assert len({d.SOPInstanceUID for d in found}) == 48
    assert len({d.SeriesInstanceUID for d in found}) == 2
    for name in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate"):
        assert not str(getattr(found[0], name))


def test_case_json_keeps_base_names_hashes_and_steps(marked, films, tmp_path):
    folder = marked.write(tmp_path / "case")
    text = (folder / "case.json").read_text()
    record = json.loads(text)
    assert str(films[0].parent) not in text
    assert [v["file"] for v in record["views"]] == ["pa.png", "lateral.png"]
    assert record["views"][0]["sha256"] == marked.films[0].sha256
    assert record["views"][0]["given_as"] == "view pa" and record["views"][0]["steps"]
    assert record["geometry"]["voxels"] == [24, 24, 24]
    assert record["run"]["recipe"] == marked.origin.recipe_sha256
    assert sorted(record["files"]) == sorted(
        p.name for p in folder.iterdir() if p.suffix != ".html"
    )
    xrays = load_file(folder / "xrays.safetensors")
    assert torch.equal(xrays["given"], marked.given)
    assert torch.equal(xrays["reprojected"], marked.reprojected)


def test_a_folder_of_other_files_is_left_alone_and_a_case_is_replaced(marked, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("years of work")
    with pytest.raises(DataError, match="code: folder-taken"):
        marked.write(tmp_path / "mine")
    assert (tmp_path / "mine/thesis.txt").is_file()
    marked.write(tmp_path / "case", dicom=True)
    marked.write(tmp_path / "case")
    assert not (tmp_path / "case/dicom").exists()


def test_nothing_half_written_stays(marked, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("repcat.inference.case.write_series", full)
    with pytest.raises(DataError, match="the disk is full"):
        marked.write(tmp_path / "case", dicom=True)
    assert list(Path(tmp_path).iterdir()) == []


@pytest.fixture
def case(model, integrals):
    return model.reconstruct(list(integrals.numpy()))


def test_views_films_and_images_are_in_one_order(case, integrals):
    assert [view.azimuth for view in case.views] == [0, 90]
    assert len(case.films) == len(case.said) == len(case.agreement) == len(case.given) == 2
    assert case.reprojected.shape == case.given.shape == integrals.shape
    assert case.geometry.voxels == tuple(case.volume.shape)


def test_it_knows_which_model_made_it(case, trained):
    assert case.origin.path == trained and case.origin.step == 4
    assert case.origin.dataset == "phantoms"


def test_strict_names_every_warning_and_passes_without_one(case):
    replace(case, cautions=()).check_no_warnings()
    doubted = replace(case, cautions=(Caution("far", "it is far"), Caution("tag", "not used")))
    with pytest.raises(DataError, match="--strict: far: it is far; tag: not used"):
        doubted.check_no_warnings()


def test_a_file_in_the_place_of_its_folder_is_not_overwritten(case, tmp_path):
    (tmp_path / "case").write_text("mine")
    with pytest.raises(DataError, match="is a file; choose another --out"):
        case.write(tmp_path / "case")
    assert (tmp_path / "case").read_text() == "mine"
