"""A dataset as strangers write it: nothing is read or written outside, nothing changed is taken."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import tomli_w
import torch

from repcat import View, preset
from repcat.data.store.dataset_dir import content_hash, patient_file, read_dataset, write_table
from repcat.data.store.patient_file import Record, write_patient
from repcat.data.store.patient_table import Row, write_rows
from repcat.errors import DataError

SCENE, VIEWS = preset("default", size=16, cube_mm=320), (View(0.0), View(90.0))
SPLIT_OF = {"a": "train", "b": "train", "c": "validation", "d": "test"}
HEAD = "id,split,source,spacing,notes\n"


def volume(seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(-1000, 1000, (16, 16, 16), generator=generator, dtype=torch.int16)


def write(folder: Path, seeds: dict[str, int]) -> Path:
    """Write a dataset of noise: one number, one scan."""
    (folder / "patients").mkdir(parents=True)
    for name, seed in seeds.items():
        record = Record(volume(seed), torch.ones(2, 16, 16), SCENE, VIEWS, (0, 0, 0), (1, 1, 1))
        write_patient(patient_file(folder, name), record)
    rows = [Row(name, SPLIT_OF[name], name, "1 1 1", "") for name in seeds]
    write_rows(folder, rows)
    table = {
        "format": 1,
        "views": [{"azimuth": v.azimuth, "mirrored": v.mirrored} for v in VIEWS],
        "geometry": SCENE.to_dict(),
        "settings": {"mu_water": 0.02, "air_hu": -1000.0, "drr_window": [-1000, 1000]},
        "content": {"patients": len(rows), "hash": content_hash(folder, rows)},
    }
    write_table(folder, table)
    return folder


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    return write(tmp_path / "lidc", {"a": 0, "b": 1, "c": 2, "d": 3})


def code_of(folder: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_dataset(folder)
    told = str(caught.value)
    assert "\n" not in told and len(told) < 600
    return caught.value.code


def change(folder: Path, **tables: object) -> None:
    file = folder / "dataset.toml"
    table = tomllib.loads(file.read_text()) | tables
    file.write_text(tomli_w.dumps({k: v for k, v in table.items() if v is not None}))


def test_what_prepare_wrote_is_read(stored: Path) -> None:
    found = read_dataset(stored)
    assert {row.id: row.split for row in found.rows} == SPLIT_OF
    assert found.marks.keys() == SPLIT_OF.keys()
    assert read_dataset(stored).marks is found.marks  # headers are read once a state of the folder


@pytest.mark.parametrize("name", ["../../../PWN", "{tmp}/PWN2", "..", "<script>", "x" * 300, ""])
def test_an_id_that_is_a_path_is_refused_before_any_file_is_looked_at(
    stored: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stored / "patients.csv").write_text(f"{HEAD}{name.format(tmp=tmp_path)},test,s,1 1 1,\n")
    monkeypatch.setattr("repcat.data.store.dataset_dir.patient_file", None)
    assert code_of(stored) == "unsafe-id"


@pytest.mark.parametrize("lines", ["a,train\na,test", "a,train\na,train", "a,train\nA,test"])
def test_an_id_twice_is_refused(stored: Path, lines: str) -> None:
    rows = "".join(f"{line},s,1 1 1,\n" for line in lines.split("\n"))
    (stored / "patients.csv").write_text(HEAD + rows)
    assert code_of(stored) == "patient-twice"


def test_splits_renamed_by_hand_are_noticed(stored: Path) -> None:
    file = stored / "patients.csv"
    file.write_text(file.read_text().replace(",train,", ",test,"))
    assert code_of(stored) == "dataset-changed-by-hand"


def test_a_patient_taken_out_by_hand_is_noticed(stored: Path) -> None:
    file = stored / "patients.csv"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))
    assert code_of(stored) == "dataset-changed-by-hand"


def test_a_patient_exchanged_for_another_is_noticed(stored: Path) -> None:
    read_dataset(stored)
    record = Record(volume(9), torch.ones(2, 16, 16), SCENE, VIEWS, (0, 0, 0), (1, 1, 1))
    write_patient(patient_file(stored, "a"), record)
    assert code_of(stored) == "dataset-changed-by-hand"


@pytest.mark.parametrize("given", [99, 2, 0, "1"])
def test_a_format_of_a_newer_repcat_is_refused(stored: Path, given: object) -> None:
    change(stored, format=given)
    assert code_of(stored) == "newer-format"


def test_a_dataset_without_a_format_is_the_first_one(stored: Path) -> None:
    change(stored, format=None)
    assert read_dataset(stored).rows


GOOD = {"mu_water": 0.02, "air_hu": -1000.0, "drr_window": []}


@pytest.mark.parametrize(
    "table",
    [
        *({"settings": GOOD | wrong} for wrong in (
            {"mu_water": float("nan")}, {"mu_water": 0.0}, {"mu_water": "x"}, {"air_hu": []},
            {"drr_window": "text"}, {"drr_window": [1.0]}, {"drr_window": [float("inf"), 1.0]},
            {"drr_window": 3},
        )),
        *({"settings": {k: v for k, v in GOOD.items() if k != gone}} for gone in GOOD),
        *({"views": views} for views in ([{}], [1], 5, [{"azimuth": "x", "mirrored": False}])),
        *({"geometry": geometry} for geometry in (
            [], {}, SCENE.to_dict() | {"voxels": [16, 16]}, SCENE.to_dict() | {"voxels": "abc"},
            SCENE.to_dict() | {"voxels": [10**9] * 3}, SCENE.to_dict() | {"pixel_mm": [0.0, 1.0]},
            SCENE.to_dict() | {"voxel_mm": [float("nan")] * 3}, SCENE.to_dict() | {"beam": "fan"},
            SCENE.to_dict() | {"source_axis_mm": "far"}, SCENE.to_dict() | {"more": 1},
        )),
        {"settings": 1}, {"content": 1}, {"content": {}},
    ],
)  # fmt: skip
def test_a_dataset_toml_that_makes_no_sense_is_one_line(stored: Path, table: dict) -> None:
    change(stored, **table)
    assert code_of(stored) == "dataset-changed-by-hand"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"id,split\na,train\n", "file-damaged"),
        (b"", "file-damaged"),
        (HEAD.encode() + b"a,train,s\n", "dataset-changed-by-hand"),
        (HEAD.encode() + b"a,train,s,1,,more\n", "file-damaged"),
        (HEAD.encode() + b"\xff,train,s,1 1 1,\n", "file-damaged"),
        (HEAD.encode() + b"a,train," + b"x" * 200_000 + b",1 1 1,\n", "file-damaged"),
        (HEAD.encode() + b"a,exam,s,1 1 1,\n", "no-such-split"),
        (HEAD.encode() + b"a\x00,train,s,1 1 1,\n", "unsafe-id"),
    ],
)
def test_a_patients_csv_that_makes_no_sense_is_one_line(
    stored: Path, text: bytes, code: str
) -> None:
    (stored / "patients.csv").write_bytes(text)
    assert code_of(stored) == code


@pytest.mark.parametrize("text", [b"\xff", b"a = " + b"[" * 4000, b"= 1", b"x = 1\nx = 2"])
def test_a_dataset_toml_that_is_none_is_one_line(stored: Path, text: bytes) -> None:
    (stored / "dataset.toml").write_bytes(text)
    assert code_of(stored) == "file-damaged"
