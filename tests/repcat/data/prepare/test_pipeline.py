from __future__ import annotations

import errno
import os
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from repcat.data.prepare import scan_to_patient
from repcat.data.prepare.pipeline import Report, prepare
from repcat.data.prepare.settings import Settings
from repcat.data.prepare.splits import parse_split
from repcat.data.store.dataset_dir import read_dataset
from repcat.data.store.patient_file import read_patient
from repcat.errors import DataError
from repcat.figures.preview import draw_preview
from repcat.io.volumes import write_mha
from repcat.view import View

SMALL = Settings(size=16, views=(View(0.0), View(90.0)), ids="stem")
SPLIT = parse_split(".8,.1,.1")


def chest(lung: float = -850, low_mm: float = 0) -> torch.Tensor:
    """A trunk of 200 x 140 mm with two lungs and a bright heart on the patient's left."""
    z, y, x = torch.meshgrid(*[(torch.arange(n) - (n - 1) / 2) * 8 for n in (40, 36, 40)],
                             indexing="ij")  # fmt: skip
    hu = torch.full(x.shape, -1000.0)
    hu[(x / 100) ** 2 + (y / 70) ** 2 < 1] = 30
    for side in (-1, 1):
        hu[((x - side * 45) / 35) ** 2 + (y / 45) ** 2 + ((z + low_mm) / 100) ** 2 < 1] = lung
    hu[((x - 30) / 30) ** 2 + ((y + 20) / 30) ** 2 + (z / 40) ** 2 < 1] = 900
    return hu


def scan(path: Path, hu: torch.Tensor | None = None) -> Path:
    write_mha(path, chest() if hu is None else hu, (8.0, 8.0, 8.0), (10.0, 20.0, 30.0), "test")
    return path


@pytest.fixture
def three(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    folder.mkdir()
    for k, low_mm in enumerate((0, 60, -60)):
        scan(folder / f"p{k}.mha", chest(low_mm=low_mm))
    return folder


def run(source: Path, out: Path, settings: Settings = SMALL, **more: object) -> Report:
    return prepare([source], out, settings, SPLIT, preview=draw_preview, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("mm", "noted"), [(6.9, True), (8.0, False), (26.5, True)])
def test_a_chest_too_narrow_or_wide_for_a_person_is_noted(
    tmp_path: Path, mm: float, noted: bool
) -> None:
    (tmp_path / "in").mkdir()
    write_mha(tmp_path / "in" / "a.mha", chest(), (mm, mm, mm), (0.0, 0.0, 0.0), "test")
    (row,) = run(
        tmp_path / "in", tmp_path / "d", replace(SMALL, cube_mm=min(50 * mm, 1080))
    ).prepared
    assert ("mm wide, no adult's: is its spacing right?" in row.notes) == noted


def contents(folder: Path) -> dict[str, bytes]:
    files = [f for f in folder.rglob("*") if f.is_file()]
    return {str(f.relative_to(folder)): f.read_bytes() for f in files}


def test_a_dataset_has_patients_tables_and_pictures(three: Path, tmp_path: Path) -> None:
    report = run(three, tmp_path / "d")
    assert [row.id for row in report.prepared] == ["p0", "p1", "p2"]
    assert {row.split for row in report.prepared} == {"train", "validation", "test"}
    assert sorted(contents(tmp_path / "d")) == [
        "SHA256SUMS", "dataset.toml", "patients.csv",
        *(f"patients/p{k}.safetensors" for k in range(3)),
        *(f"previews/p{k}.png" for k in range(3)),
    ]  # fmt: skip
    table = tomllib.loads((tmp_path / "d/dataset.toml").read_text())
    assert table["settings"]["cube_mm"] == 400
    assert {"repcat", "torch", "nanodrr"} <= table["versions"].keys()


def test_a_patient_lies_where_the_scanner_saw_it(three: Path, tmp_path: Path) -> None:
    run(three, tmp_path / "d")
    record = read_patient(tmp_path / "d/patients/p0.safetensors")
    # The body is in the middle of the scan but for half a cell of 4 mm.
    assert record.centre_mm == pytest.approx((10, 20, 30), abs=4.1)
    assert record.spacing_mm == (8, 8, 8)
    assert record.volume.shape == (16, 16, 16)
    assert record.volume.dtype == torch.int16
    heart = (record.volume > 300).nonzero().float().mean(0) - 7.5
    assert heart[2] > 0.5 and heart[1] < -0.3  # the patient's left, front
    frontal = record.integrals[0]
    assert frontal[6:10, 8:].sum() > 1.1 * frontal[6:10, :8].sum()  # heart on the image's right


def test_line_integrals_are_those_of_the_body(three: Path, tmp_path: Path) -> None:
    run(three, tmp_path / "d")
    record = read_patient(tmp_path / "d/patients/p0.safetensors")
    # 140 mm of 30 HU where the ray meets neither lung nor heart: the lower end, in the middle.
    ray = float(record.integrals[0][12, 7:9].mean())
    assert ray == pytest.approx(140 * 0.022 * 1.03, rel=0.1)


def test_options_reach_the_files(three: Path, tmp_path: Path) -> None:
    settings = replace(SMALL, clip=(-500.0, 200.0), bits=8, drr_window=(-1000.0, 0.0))
    run(three, tmp_path / "d", settings)
    run(three, tmp_path / "e")
    one, plain = (read_patient(tmp_path / d / "patients/p0.safetensors") for d in "de")
    assert (one.volume.min(), one.volume.max()) == (-500, 200)
    assert one.integrals.max() < plain.integrals.max()
    steps = one.integrals / one.integrals.amax((1, 2), keepdim=True) * 255
    assert (steps - steps.round()).abs().max() < 0.1  # float16 of 1/255


def test_films_are_kept_as_xrays_of_the_same_volume(three: Path, tmp_path: Path) -> None:
    for name, film in (("plain", None), ("one", 1), ("again", 1), ("other", 2)):
        run(three, tmp_path / name, replace(SMALL, film=film))
    plain, one, other = (
        read_patient(tmp_path / d / "patients/p0.safetensors") for d in ("plain", "one", "other")
    )
    assert torch.equal(one.volume, plain.volume) and one.integrals.isfinite().all()
    assert contents(tmp_path / "one") == contents(tmp_path / "again")
    for film in (one, other):
        assert (film.integrals - plain.integrals).abs().max() > 0.1
        for image, like in zip(film.integrals, plain.integrals, strict=True):
            ends = [v.float().quantile(torch.tensor([0.02, 0.98])) for v in (image, like)]
            assert torch.allclose(*ends, atol=0.02 * float(like.max()))
    assert not torch.equal(one.integrals, other.integrals)


def test_started_again_it_skips_what_is_done(
    three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(three, tmp_path / "d")
    before = contents(tmp_path / "d")
    monkeypatch.setattr(scan_to_patient, "make_record", None)
    assert len(run(three, tmp_path / "d").prepared) == 3
    assert contents(tmp_path / "d") == before


def test_killed_it_goes_on_and_ends_the_same(
    three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(three, tmp_path / "whole")
    with monkeypatch.context() as patch:
        make = scan_to_patient.make_record

        def die(job: scan_to_patient.Job, settings: Settings) -> object:
            if job.id == "p1":
                raise KeyboardInterrupt
            return make(job, settings)

        patch.setattr(scan_to_patient, "make_record", die)
        with pytest.raises(KeyboardInterrupt):
            run(three, tmp_path / "d")
    with pytest.raises(DataError, match="code: dataset-unfinished"):
        read_dataset(tmp_path / "d")
    (tmp_path / "d/patients/.p1.safetensors.9.tmp.safetensors").write_bytes(b"half")
    run(three, tmp_path / "d")
    assert contents(tmp_path / "d") == contents(tmp_path / "whole")


def test_a_damaged_or_changed_patient_is_made_again(three: Path, tmp_path: Path) -> None:
    run(three, tmp_path / "d")
    before = contents(tmp_path / "d")
    (tmp_path / "d/patients/p0.safetensors").write_bytes(b"half")
    run(three, tmp_path / "d")
    assert contents(tmp_path / "d") == before
    scan(three / "p0.mha", chest(lung=-700))
    run(three, tmp_path / "d")
    assert contents(tmp_path / "d")["dataset.toml"] != before["dataset.toml"]


@pytest.mark.slow
def test_two_jobs_give_the_same_bytes(three: Path, tmp_path: Path) -> None:
    run(three, tmp_path / "one")
    run(three, tmp_path / "two", jobs=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_another_split_makes_nothing_anew(
    three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(three, tmp_path / "d")
    before = read_dataset(tmp_path / "d")
    monkeypatch.setattr(scan_to_patient, "make_record", None)
    report = prepare([three], tmp_path / "d", SMALL, parse_split("0,0,1"))
    assert {row.split for row in report.prepared} == {"test"}
    assert read_dataset(tmp_path / "d").content != before.content


def test_other_settings_are_refused_and_named(three: Path, tmp_path: Path) -> None:
    run(three, tmp_path / "d")
    before = contents(tmp_path / "d")
    with pytest.raises(DataError, match=r"cube_mm is 400\.0 there and 350\.0 here"):
        run(three, tmp_path / "d", replace(SMALL, cube_mm=350.0))
    assert contents(tmp_path / "d") == before


def test_other_scans_in_one_directory_are_refused(three: Path, tmp_path: Path) -> None:
    run(three, tmp_path / "d")
    with pytest.raises(DataError, match=r"holds patients that these sources have not \(p0"):
        run(scan(tmp_path / "new.mha"), tmp_path / "d")


def test_a_directory_with_other_things_is_left_alone(three: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="code: folder-taken"):
        run(three, three)
    assert len(list(three.iterdir())) == 3


def test_what_cannot_be_used_is_left_out_with_its_reason(three: Path, tmp_path: Path) -> None:
    scan(three / "abdomen.mha", chest(lung=20))
    scan(three / "empty.mha", torch.where(chest() > 800, 800.0, -1000.0))
    (three / "broken.nii.gz").write_bytes(b"\x1f\x8b")
    report = run(three, tmp_path / "d")
    assert len(report.prepared) == 3
    reasons = {one.label: one.reason for one in report.skipped}
    assert "no lungs found (0.0% of the body is air)" in reasons["abdomen.mha"]
    assert "no lungs found" in reasons["empty.mha"]
    assert "broken.nii.gz" in reasons
    again = run(three, tmp_path / "d", replace(SMALL, any_anatomy=True))
    assert len(again.prepared) == 5


def test_when_nothing_can_be_used_nothing_is_left(tmp_path: Path) -> None:
    source = scan(tmp_path / "abdomen.mha", chest(lung=20))
    with pytest.raises(DataError, match="code: nothing-prepared"):
        run(source, tmp_path / "d")
    assert not (tmp_path / "d").exists()


def test_a_cube_that_does_not_fit_says_which_would(three: Path, tmp_path: Path) -> None:
    # The trunk is 320 mm high and 200 mm wide.
    with pytest.raises(DataError, match=r"leaves out \d+% of the body; --cube 320 would do"):
        run(three, tmp_path / "d", replace(SMALL, cube_mm=250.0))
    report = run(three, tmp_path / "e", replace(SMALL, cube_mm=300.0))
    assert "% of the body lies outside the cube" in report.prepared[0].notes
    top = run(three, tmp_path / "f", replace(SMALL, cube_mm=250.0, place="top"))
    assert top.prepared[0].notes == ""


def test_a_full_disk_stops_with_nothing_half_written(
    three: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match="code: cannot-write"):
        run(three, tmp_path / "d")
    assert not contents(tmp_path / "d")
    monkeypatch.undo()
    assert len(run(three, tmp_path / "d").prepared) == 3


def test_scans_in_no_list_are_left_out(three: Path, tmp_path: Path) -> None:
    lists = tmp_path / "s.csv"
    lists.write_text("id,split\np0.mha,train\np2,test\n")
    report = prepare([three], tmp_path / "d", SMALL, parse_split(str(lists)))
    assert {row.id: row.split for row in report.prepared} == {"p0": "train", "p2": "test"}
    assert [one.label for one in report.skipped] == ["p1.mha"]


def test_progress_counts_to_the_end(three: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    run(three, tmp_path / "d", progress=lambda done, total, _: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.real
def test_real_scans_go_in_and_an_abdomen_stays_out(real: Path, tmp_path: Path) -> None:
    sources = [real / "volumes/lidc_0001.nii.gz", real / "volumes/totalseg_abdomen_3mm.nii.gz",
               real / "dicom"]  # fmt: skip
    report = prepare(sources, tmp_path / "d", replace(SMALL, size=32), SPLIT)
    assert len(report.prepared) == 3
    assert [one.label for one in report.skipped] == ["totalseg_abdomen_3mm.nii.gz"]
    record = read_patient(tmp_path / "d/patients/lidc_0001.safetensors")
    # Body of LIDC-IDRI-0001: the heart is on the patient's left, bright at the image's right.
    assert record.integrals[0][18:22, 17:22].mean() > record.integrals[0][18:22, 10:15].mean()
