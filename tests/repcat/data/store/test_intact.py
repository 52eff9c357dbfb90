"""A dataset's files are what `repcat prepare` wrote, or the first that is not is named."""

import pytest
import torch

from repcat.data.store.intact import check_patients, check_tables, write_dataset_checksums
from repcat.data.store.patient_file import Record, write_patient
from repcat.errors import DataError
from repcat.geometry import preset
from repcat.io.checksums import SUMS
from repcat.view import View


@pytest.fixture
def folder(tmp_path):
    scene = preset("default", size=8, cube_mm=320)
    for name in ("a", "b"):
        volume, integrals = torch.zeros(8, 8, 8, dtype=torch.int16), torch.rand(1, 8, 8)
        record = Record(volume, integrals, scene, (View(0.0),), (0.0,) * 3, (1.0,) * 3)
        write_patient(tmp_path / "patients" / f"{name}.safetensors", record)
    for name in ("dataset.toml", "patients.csv"):
        (tmp_path / name).write_text("table")
    write_dataset_checksums(tmp_path, ["a", "b"])
    return tmp_path


def flip(path, place=-3):
    changed = bytearray(path.read_bytes())
    changed[place] ^= 0x40
    path.write_bytes(changed)


@pytest.mark.parametrize("listed", [True, False])
def test_one_bit_of_a_volume_is_named_with_a_list_and_without(folder, listed):
    if not listed:  # as `repcat prepare` of before 0.2 left it
        (folder / SUMS).unlink()
    check_patients(folder, ["a", "b"])
    flip(folder / "patients" / "b.safetensors")
    check_patients(folder, ["a"])
    with pytest.raises(DataError, match=r"b\.safetensors was changed .*; delete it and run"):
        check_patients(folder, ["a", "b"])


def test_a_list_that_was_cut_is_named_and_not_the_patient_that_it_lacks(folder):
    whole = (folder / SUMS).read_text().splitlines(keepends=True)
    (folder / SUMS).write_text("".join(line for line in whole if "b.safetensors" not in line))
    check_patients(folder, ["a"])
    with pytest.raises(DataError, match=r"SHA256SUMS has no line of patients/b\.safetensors"):
        check_patients(folder, ["a", "b"])


def test_a_header_is_held_against_the_list_too(folder):
    path = folder / "patients" / "a.safetensors"
    text = path.read_bytes()
    path.write_bytes(text.replace(b"centre_mm", b"centre_cm"))
    with pytest.raises(DataError, match="code: patient-damaged"):
        check_patients(folder, ["a"])


@pytest.mark.parametrize("name", ["dataset.toml", "patients.csv", SUMS])
def test_a_table_changed_by_hand_is_named(folder, name):
    check_tables(folder)
    (folder / name).write_text("changed")
    with pytest.raises(DataError, match=rf"{name} was changed .*; run the same"):
        check_tables(folder)


def test_tables_without_a_list_are_read_as_before(folder):
    (folder / SUMS).unlink()
    (folder / "patients.csv").write_text("changed")
    check_tables(folder)
