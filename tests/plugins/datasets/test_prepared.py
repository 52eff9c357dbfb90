from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from repcat import DataError, Request, View, preset
from repcat.data.store.dataset_dir import content_hash, patient_file, write_table
from repcat.data.store.intact import write_dataset_checksums
from repcat.data.store.patient_file import Record, read_patient, write_patient
from repcat.data.store.patient_table import Row, read_rows, write_rows
from repcat_plugins.datasets.prepared import Prepared

SCENE = preset("default", size=16, cube_mm=320)
VIEWS = (View(0.0), View(90.0), View(180.0, mirrored=True))


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    folder = tmp_path / "lidc"
    (folder / "patients").mkdir(parents=True)
    torch.manual_seed(0)
    rows = [Row(name, split, name, "1 1 1", "") for name, split in
            (("c", "train"), ("a", "train"), ("b", "test"))]  # fmt: skip
    for row in rows:
        volume = torch.randint(-1000, 1000, (16, 16, 16), dtype=torch.int16)
        record = Record(
            volume, torch.rand(3, 16, 16) * 9, SCENE, VIEWS, (1.0, 2.0, 3.0), (1.0, 1.0, 1.0)
        )
        write_patient(patient_file(folder, row.id), record)
    finish(folder, rows)
    return folder


def finish(folder: Path, rows: list[Row]) -> None:
    """Write the tables of what the patients' files hold."""
    write_rows(folder, rows)
    views = [{"azimuth": v.azimuth, "mirrored": v.mirrored} for v in VIEWS]
    content = {"patients": 3, "hash": content_hash(folder, rows)}
    settings = {"mu_water": 0.02, "air_hu": -1000.0, "drr_window": [-1000, 1000]}
    table = {"views": views, "geometry": SCENE.to_dict(), "content": content}
    write_table(folder, {**table, "settings": settings})


def asked(size: int = 16, views: tuple[View, ...] = VIEWS) -> Request:
    return Request(size, views, project=lambda *_: torch.zeros(0))


def test_patients_come_in_order_by_split(stored: Path) -> None:
    data = Prepared(asked(), path=str(stored))
    assert data.ids("train") == ("a", "c")
    assert data.ids("test") == ("b",)
    assert data.name == "lidc"
    assert data.geometry == SCENE


def test_an_empty_split_is_empty_and_an_unknown_one_is_refused(stored: Path) -> None:
    data = Prepared(asked(), path=str(stored))
    assert data.ids("validation") == ()
    with pytest.raises(DataError, match="code: no-such-split"):
        data.ids("tset")


def test_attenuation_is_the_one_its_xrays_were_made_with(stored: Path) -> None:
    data = Prepared(asked(), path=str(stored))
    hu = torch.tensor([-950.0, 0.0, 3000.0])
    assert data.attenuate(hu).tolist() == pytest.approx([0.001, 0.02, 0.04])


def test_views_come_in_the_order_asked(stored: Path) -> None:
    whole = Prepared(asked(), path=str(stored)).load("a")
    some = Prepared(asked(views=(VIEWS[2], VIEWS[0])), path=str(stored)).load("a")
    assert torch.equal(some.integrals, whole.integrals[[2, 0]])
    assert whole.centre_mm == (1, 2, 3)


@pytest.mark.parametrize("view", [View(45.0), View(180.0), View(0.0, mirrored=True)])
def test_a_view_that_is_not_stored_is_refused(stored: Path, view: View) -> None:
    with pytest.raises(DataError, match="it has 0, 90, 180 mirrored"):
        Prepared(asked(views=(view,)), path=str(stored))


def test_half_the_size_is_the_mean_of_blocks(stored: Path) -> None:
    data = Prepared(asked(8), path=str(stored))
    whole, half = Prepared(asked(), path=str(stored)).load("a"), data.load("a")
    assert data.geometry == SCENE.resized(8)
    assert half.volume[1, 2, 3] == pytest.approx(float(whole.volume[2:4, 4:6, 6:8].mean()))
    assert half.integrals[1, 2, 3] == pytest.approx(float(whole.integrals[1, 4:6, 6:8].mean()))


@pytest.mark.parametrize("size", [5, 32])
def test_sizes_that_do_not_divide_are_refused_with_what_a_trained_run_can_do_first(
    stored: Path, size: int
) -> None:
    with pytest.raises(
        DataError, match=rf"again with --size {size}, or train with data\.size one of 8, 16"
    ):
        Prepared(asked(size), path=str(stored))


def test_a_missing_patient_is_named(stored: Path) -> None:
    patient_file(stored, "a").unlink()
    with pytest.raises(DataError, match="code: patient-missing"):
        Prepared(asked(), path=str(stored))


def test_a_folder_that_is_no_dataset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="code: not-a-dataset"):
        Prepared(asked(), path=str(tmp_path))


def test_the_fingerprint_follows_splits_and_data(stored: Path) -> None:
    rows = [Row(k, "train", k, "1 1 1", "") for k in "abc"]
    first = content_hash(stored, rows)
    assert content_hash(stored, rows[::-1]) == first
    assert content_hash(stored, [*rows[:2], Row("c", "test", "c", "1 1 1", "")]) != first


def test_a_patients_content_is_his_files_and_no_others(stored: Path) -> None:
    whole, half = (Prepared(asked(n), path=str(stored)) for n in (16, 8))
    contents = {k: whole.content(k) for k in "abc"}
    assert len(set(contents.values())) == 3
    assert half.content("a") == contents["a"], "the size is in the geometry"
    record = read_patient(patient_file(stored, "a"))
    write_patient(patient_file(stored, "a"), replace(record, volume=record.volume + 1))
    finish(stored, list(read_rows(stored)))
    changed = {k: Prepared(asked(), path=str(stored)).content(k) for k in "abc"}
    assert {k for k in "abc" if changed[k] != contents[k]} == {"a"}


def test_fewer_training_patients_are_some_of_more(stored: Path) -> None:
    one, two = (Prepared(asked(), path=str(stored), train=n).ids("train") for n in (1, 2))
    assert len(one) == 1 and set(one) < set(two) == {"a", "c"}
    assert Prepared(asked(), path=str(stored), train=1).ids("test") == ("b",)


def test_more_training_patients_than_there_are_is_refused(stored: Path) -> None:
    with pytest.raises(DataError, match=r"data\.train = 3: the dataset .* has 2 training patients"):
        Prepared(asked(), path=str(stored), train=3)


@pytest.mark.parametrize("listed", [True, False])
def test_a_damaged_patient_is_named_by_a_check_and_where_it_is_first_read(
    stored: Path, listed: bool
) -> None:
    if listed:
        write_dataset_checksums(stored, "abc")
    file = stored / "patients" / "c.safetensors"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    data = Prepared(asked(), path=str(stored))
    data.check(["a", "b"])
    for use in (lambda: data.check(data.ids("train")), lambda: data.load("c")):
        with pytest.raises(DataError, match=r"c\.safetensors was changed"):
            use()
    file.write_bytes(whole)
    assert data.load("c").id == "c"


def test_tables_changed_by_hand_are_named(stored: Path) -> None:
    write_dataset_checksums(stored, "abc")
    table = stored / "patients.csv"
    table.write_text(table.read_text().replace("c,train", "c,test "))
    with pytest.raises(DataError, match=r"patients\.csv was changed"):
        Prepared(asked(), path=str(stored))
