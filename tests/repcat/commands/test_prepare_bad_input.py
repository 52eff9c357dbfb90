"""`repcat prepare` on bad input: one line that says what, where, what to do; nothing half-made."""

import os
import shutil
from pathlib import Path

import pytest
import torch

from repcat.data.prepare import pipeline, scan_to_patient
from repcat.io.volumes import write_mha

SMALL = ("--size", 16, "--views", "0,90")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--split", "nan,0,1"), "three shares"),
        (("--split", ".5,.5,.5"), "sum to 1"),
        (("--split", "train=list.txt,"), "names no file; write SPLIT=FILE"),
        (("--split", "train=none.txt"), "none.txt cannot be read (No such file"),
        (("--split", "none.csv"), "none.csv cannot be read"),
        (("--clip", "nan,5"), "nan and inf are no HU"),
        (("--clip", "-40000,40000"), "more than 16 bits hold"),
        (("--mu-water", "nan"), "nan and inf"),
        (("--air-hu", "inf"), "nan and inf"),
        (("--drr-window", "0,inf"), "nan and inf"),
        (("--cube", "0"), "--cube 0 mm is not between 0 and 1082"),
        (("--cube", "nan"), "--cube nan mm is not between"),
        (("--cube", "150"), "the cube of 150 mm leaves out"),
        (("--views", "0,360"), "same angle"),
        (("--views", "0,91.5,400"), "400 degrees is more than a full turn; is it 40?"),
        (("--views", ",".join(map(str, range(73)))), "1 to 72 are possible"),
        (("--views", "0,,90"), "'' is no view"),
        (("--out", "/proc/no/d"), "cannot write /proc/no/d"),
        (("--out", "in/p0.mha"), "holds no dataset"),
    ],
)
def test_options_of_prepare(repcat, scan, words, said, told):
    Path("list.txt").write_text("p0\n")
    assert len(told(repcat("prepare", scan, "--out", "d", *SMALL, *words), said)) == 1
    assert not Path("d").exists()


def test_a_cube_is_told_to_stand_at_the_top_only_where_that_helps(repcat, scan, told):
    assert "--place top" not in told(repcat("prepare", scan, "--out", "d", "--cube", 150))[0]
    assert "--place top" in told(repcat("prepare", scan, "--out", "d", "--cube", 250))[0]


def test_when_nothing_can_be_prepared_every_reason_is_told(repcat, tmp_path, chest, told):
    chest(tmp_path / "in" / "abdomen.mha", lung=20.0)
    for name in ("a.nii.gz", "b.mha", "c.dcm", "d.h5"):
        (tmp_path / "in" / name).write_bytes(b"hello")
    (tmp_path / "in" / "notes.txt").write_text("no image")
    lines = told(repcat("prepare", "in", "--out", "d", *SMALL))
    assert [line[4:].partition(": ")[0] for line in lines[1:]] == [
        "a.nii.gz and 1 more beside it", "abdomen.mha", "c.dcm", "d.h5",
    ]  # fmt: skip
    assert "d.h5: d.h5" not in lines[-1]
    assert not Path("d").exists()


def test_a_typo_in_a_list_is_refused_before_anything_is_made(repcat, scan, chest, told):
    chest(scan / "patient1.mha", low_mm=60)
    Path("list.txt").write_text("p0\npatiant1\n")
    words = ("prepare", scan, "--out", "d", *SMALL, "--split", "train=list.txt")
    assert len(told(repcat(*words), "'patiant1' names no scan; did you mean 'patient1'")) == 1
    assert not Path("d").exists()


def test_a_split_without_a_patient_and_a_name_without_a_scan_are_remarked(repcat, scan):
    code, out, _ = repcat("prepare", scan, "--out", "d", *SMALL)
    assert code == 0 and "note: no validation and no test patient came of 1 scan" in out
    Path("list.txt").write_text("p0\nnosuchpatient\n")
    code, out, _ = repcat("prepare", scan, "--out", "e", *SMALL, "--split", "train=list.txt")
    assert code == 0 and "note: 1 of the 2 names in --split train=list.txt match no scan" in out


@pytest.mark.parametrize("source", ["none", "empty", "notes.txt"])
def test_sources_without_a_scan(repcat, source, told):
    Path("empty").mkdir()
    Path("notes.txt").write_text("no image")
    assert len(told(repcat("prepare", source, "--out", "d"))) == 1
    assert not Path("d").exists()


def test_what_cannot_be_opened_is_listed_and_the_rest_is_made(repcat, scan, tmp_path, chest):
    chest(tmp_path / "elsewhere" / "p1.mha", low_mm=60)
    (scan / "linked").symlink_to(tmp_path / "elsewhere")
    (scan / "round").symlink_to(scan)
    (scan / "self.mha").symlink_to("self.mha")
    (scan / "gone.mha").symlink_to("nowhere")
    shutil.copy(scan / "p0.mha", os.fsencode(scan) + b"/\xff.mha")
    os.mkfifo(scan / "pipe")
    code, out, err = repcat("prepare", scan, "--out", "d", *SMALL, "--ids", "stem")
    assert code == 0, err
    assert sorted(p.stem for p in Path("d/patients").iterdir()) == ["p0", "p1"]
    left = [line[10:] for line in out.splitlines() if line.startswith("left out: ")]
    assert [line.partition(": ")[0] for line in left] == ["?.mha", "gone.mha", "pipe", "self.mha"]


def test_a_file_that_may_not_be_read_is_named(repcat, scan, tmp_path, monkeypatch):
    shutil.copy(scan / "p0.mha", scan / "closed.mha")
    monkeypatch.setattr(os, "access", lambda path, _mode: path.name != "closed.mha")
    code, out, _ = repcat("prepare", scan, "--out", "d", *SMALL)
    assert code == 0 and "left out: closed.mha: may not be read; change its permissions" in out


def test_names_of_files_cannot_break_a_line_or_a_table(repcat, scan):
    (scan / "p0.mha").rename(scan / "a\nb\x1b[31m$x[bold].mha")
    code, out, _ = repcat("prepare", scan, "--out", "d", *SMALL)
    assert code == 0 and "\x1b" not in out
    assert len(Path("d/patients.csv").read_text().splitlines()) == 2


def test_scans_of_one_name_keep_a_file_each(repcat, scan, chest):
    for name, low_mm in (("x/a.mha", 60), ("y/a.mha", -60), ("y/a-2.mha", 110)):
        chest(scan / name, low_mm=low_mm)
    assert repcat("prepare", scan, "--out", "d", *SMALL, "--ids", "stem")[0] == 0
    ids = [line.split(",")[0] for line in Path("d/patients.csv").read_text().splitlines()[1:]]
    assert ids == ["a", "a-2", "a-3", "p0"]
    assert {p.stem for p in Path("d/patients").iterdir()} == set(ids)


def test_the_same_command_heals_what_was_damaged_or_deleted(repcat, scan):
    words = ("prepare", scan, "--out", "d", *SMALL)
    repcat(*words)
    (patient,), (preview,) = Path("d/patients").iterdir(), Path("d/previews").iterdir()
    whole, drawn = patient.read_bytes(), preview.read_bytes()
    patient.write_bytes(whole[:-9] + bytes([whole[-9] ^ 255]) + whole[-8:])
    preview.unlink()
    Path("d/.patients.csv.9.tmp.csv").write_text("half")
    assert repcat(*words)[0] == 0
    assert (patient.read_bytes(), preview.read_bytes()) == (whole, drawn)
    assert sorted(p.name for p in Path("d").iterdir()) == [
        "SHA256SUMS", "dataset.toml", "patients", "patients.csv", "previews",
    ]  # fmt: skip
    preview.unlink()
    repcat(*words)
    assert preview.read_bytes() == drawn


def test_ctrl_c_is_one_line_and_130(repcat, scan, monkeypatch):
    def press(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "make_patient", press)
    code, _, err = repcat("prepare", scan, "--out", "d", *SMALL)
    assert code == 130 and "error: stopped; " in err and "Traceback" not in err
    assert not Path("d").exists()


def test_a_scan_too_large_for_memory_is_left_out(repcat, scan, monkeypatch, told):
    def full(*_):
        msg = "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
        raise RuntimeError(msg)

    monkeypatch.setattr(scan_to_patient, "find_body", full)
    told(repcat("prepare", scan, "--out", "d", *SMALL), "not enough memory", "fewer --jobs")


@pytest.mark.parametrize("mm", [0.008, 8000.0])
def test_a_scan_of_no_human_size_is_left_out(repcat, tmp_path, mm, told):
    hu = torch.full((40, 40, 40), -1000.0)
    hu[10:30] = 30
    write_mha(tmp_path / "a.mha", hu, (mm, mm, mm), (0.0, 0.0, 0.0), "test")
    told(repcat("prepare", "a.mha", "--out", "d", *SMALL), "its spacing, which must be in mm")


def test_one_hostile_file_of_each_kind_is_left_out_and_the_rest_is_prepared(repcat, scan):
    folder = Path(scan)
    item = b"\x08\0\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff"
    (folder / "nested.dcm").write_bytes(bytes(128) + b"DICM" + item * 20_000)  # crashed GDCM
    header = "ObjectType = Image\nNDims = {}\nDimSize = 9 9 9\nElementType = MET_SHORT\n"
    for name, axes, data in (
        ("axes.mha", "9" * 30, "LOCAL"),  # crashed MetaIO
        ("outside.mhd", 3, "/etc/passwd"),
        ("pipe.mhd", 3, "pipe.raw"),  # hung
    ):
        (folder / name).write_text(header.format(axes) + f"ElementDataFile = {data}\n")
    os.mkfifo(folder / "pipe.raw")
    code, out, err = repcat("prepare", scan, "--out", "d", *SMALL)
    assert code == 0, err
    lines = [line for line in out.splitlines() if line.startswith("left out: ")]
    assert [line.split(": ")[1] for line in lines] == [
        "axes.mha", "nested.dcm", "outside.mhd", "pipe.mhd", "pipe.raw",
    ]  # fmt: skip
