"""A patient whose header and tensors cannot be is told in one line, whatever is in them."""

import json

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from repcat.data.store.patient_file import Record, is_intact, read_patient, write_patient
from repcat.errors import DataError
from repcat.geometry import preset
from repcat.view import View

DEEP = "[" * 100_000
HEADERS = [
    {"centre_mm": None},
    {"centre_mm": [0, 0]},
    {"centre_mm": [0, 0, float("nan")]},
    {"spacing_mm": [1, 1, -1]},
    {"views": [{}]},
    {"views": 3},
    {"views": []},
    {"views": [{"azimuth": float("inf"), "mirrored": False}] * 2},
    {"geometry": []},
    {"geometry": {}},
    {"integral_scale": "x"},
    {"integral_scale": None},
    {"integral_scale": float("nan")},
    {"notes": [1]},
    {"notes": None},
    {"source": 3},
]
TENSORS = {
    "a volume of 8^3": {"volume": torch.zeros(8, 8, 8, dtype=torch.int16)},
    "a volume in 2-D": {"volume": torch.zeros(16, 16, dtype=torch.int16)},
    "a volume of floats": {"volume": torch.zeros(16, 16, 16)},
    "integrals of one view": {"integrals": torch.zeros(1, 16, 16, dtype=torch.float16)},
    "integrals that are infinite": {"integrals": torch.full((2, 16, 16), torch.inf).half()},
    "no volume": {"volume": None},
}


@pytest.fixture
def path(tmp_path):
    record = Record(
        torch.zeros(16, 16, 16, dtype=torch.int16),
        torch.rand(2, 16, 16),
        preset("default", size=16, cube_mm=320),
        (View(0.0), View(90.0)),
        (0.0, 0.0, 0.0),
        (2.0, 1.0, 1.0),
    )
    write_patient(tmp_path / "p.safetensors", record)
    return tmp_path / "p.safetensors"


def rewrite(path, header=None, tensors=None, text=None):
    with safe_open(path, "pt") as file:
        known = json.loads(file.metadata()["repcat"])
    table = {k: v for k, v in {**load_file(path), **(tensors or {})}.items() if v is not None}
    save_file(table, path, {"repcat": text or json.dumps({**known, **(header or {})})})


def test_one_that_fits_is_read(path):
    rewrite(path)
    assert read_patient(path).volume.shape == (16, 16, 16) and is_intact(path)


@pytest.mark.parametrize("header", HEADERS, ids=str)
def test_a_header_that_cannot_be_is_told(path, header):
    rewrite(path, header)
    with pytest.raises(DataError, match="code: patient-damaged") as error:
        read_patient(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["3", "[]", "{}", DEEP, "\\"], ids=["3", "[]", "{}", "deep", "\\"])
def test_a_header_of_another_kind_is_told(path, text):
    rewrite(path, text=text)
    with pytest.raises(DataError, match="code: patient-damaged"):
        read_patient(path)


@pytest.mark.parametrize("fault", TENSORS)
def test_tensors_that_do_not_fit_the_header_are_told(path, fault):
    rewrite(path, tensors=TENSORS[fault])
    with pytest.raises(DataError, match="code: patient-damaged"):
        read_patient(path)
