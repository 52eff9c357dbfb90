"""Bad input: one line that says what, where and what to do; exit code 2; nothing half-written."""

import json
import os
import shutil
import signal
import sys
import weakref
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import torch
from safetensors import SafetensorError

from repcat.cli import main
from repcat.commands.console import progress
from repcat.data.prepare import pipeline, scan_to_patient
from repcat.errors import DataError
from repcat.io.volumes import write_mha
from repcat.runs.checkpoint import State
from repcat.runs.run import Run

SMALL = ("--size", 16, "--views", "0,90")


def chest(path, lung=-850.0):
    """Write a trunk of 200 x 140 x 320 mm with two lungs."""
    grid = [(torch.arange(n) - (n - 1) / 2) * 8 for n in (40, 36, 40)]
    z, y, x = torch.meshgrid(*grid, indexing="ij")
    hu = torch.full(x.shape, -1000.0)
    hu[(x / 100) ** 2 + (y / 70) ** 2 < 1] = 30
    for side in (-1, 1):
        hu[((x - side * 45) / 35) ** 2 + (y / 45) ** 2 + (z / 100) ** 2 < 1] = lung
    path.parent.mkdir(parents=True, exist_ok=True)
    write_mha(path, hu, (8.0, 8.0, 8.0), (0.0, 0.0, 0.0), "test")


def told(result, *words):
    """Check exit code 2, words on stderr, no traceback; return the lines of the error."""
    code, _, err = result
    assert code == 2, err
    assert "Traceback" not in err
    for word in words:
        assert word in err
    return err[err.index("error: ") :].splitlines()


@pytest.fixture
def scan(tmp_path):
    chest(tmp_path / "in" / "p0.mha")
    return tmp_path / "in"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Two runs of other widths, trained for two steps on phantoms, with predictions."""
    folder = tmp_path_factory.mktemp("runs")
    recipe = folder / "tiny.toml"
    recipe.write_text(
        """
data = {use = "phantoms", size = 16, train = 2, validation = 1, test = 1}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [4, 8], res_units = 1}
objective.use = "l2"
train = {steps = 2, batch_size = 1, save_every = 1, ema = 0.5}
"""
    )
    wide = ("--set", "backbone.channels = [4, 16]")
    for words in (("one",), ("other", *wide)):
        call("train", recipe, "--out", folder / words[0], *words[1:])
    call("predict", folder / "one", "--pictures", 0)
    return folder


def call(*words):
    with patch.object(sys, "argv", ["repcat", *map(str, words)]):
        try:
            main()
        except SystemExit as stop:
            assert not stop.code


@pytest.fixture
def run(finished, tmp_path):
    return Path(shutil.copytree(finished / "one", tmp_path / "run"))


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
        (("--views", "0,1,2,3,4,5,6,7,8"), "1 to 8 are possible"),
        (("--views", "0,,90"), "'' is no view"),
        (("--out", "/proc/no/d"), "/proc/no/d cannot be made"),
        (("--out", "in/p0.mha"), "holds no dataset"),
    ],
)
def test_options_of_prepare(repcat, scan, words, said):
    Path("list.txt").write_text("p0\n")
    assert len(told(repcat("prepare", scan, "--out", "d", *SMALL, *words), said)) == 1
    assert not Path("d").exists()


def test_a_cube_is_told_to_stand_at_the_top_only_where_that_helps(repcat, scan):
    assert "--place top" not in told(repcat("prepare", scan, "--out", "d", "--cube", 150))[0]
    assert "--place top" in told(repcat("prepare", scan, "--out", "d", "--cube", 250))[0]


def test_when_nothing_can_be_prepared_every_reason_is_told(repcat, tmp_path):
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


@pytest.mark.parametrize("source", ["none", "empty", "notes.txt"])
def test_sources_without_a_scan(repcat, source):
    Path("empty").mkdir()
    Path("notes.txt").write_text("no image")
    assert len(told(repcat("prepare", source, "--out", "d"))) == 1
    assert not Path("d").exists()


def test_what_cannot_be_opened_is_listed_and_the_rest_is_made(repcat, scan, tmp_path):
    chest(tmp_path / "elsewhere" / "p1.mha")
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


def test_scans_of_one_name_keep_a_file_each(repcat, scan):
    for name in ("x/a.mha", "y/a.mha", "y/a-2.mha"):
        chest(scan / name)
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
        "dataset.toml", "patients", "patients.csv", "previews",
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


def test_ctrl_c_in_a_callback_that_swallows_it_ends_the_bar(capfd):
    def press(_):
        signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT), sys.unraisablehook
    with pytest.raises(KeyboardInterrupt), progress("steps") as bar:
        task = bar.add_task("training", note="")
        thing = torch.nn.Linear(1, 1)
        kept = weakref.ref(thing, press)
        del thing
        assert kept() is None
        bar.update(task, advance=1)
    assert (signal.getsignal(signal.SIGINT), sys.unraisablehook) == before
    assert "ignored" not in capfd.readouterr().err


def test_a_scan_too_large_for_memory_is_left_out(repcat, scan, monkeypatch):
    def full(*_):
        msg = "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
        raise RuntimeError(msg)

    monkeypatch.setattr(scan_to_patient, "find_body", full)
    told(repcat("prepare", scan, "--out", "d", *SMALL), "not enough memory", "fewer --jobs")


@pytest.mark.parametrize("mm", [0.008, 8000.0])
def test_a_scan_of_no_human_size_is_left_out(repcat, tmp_path, mm):
    hu = torch.full((40, 40, 40), -1000.0)
    hu[10:30] = 30
    write_mha(tmp_path / "a.mha", hu, (mm, mm, mm), (0.0, 0.0, 0.0), "test")
    told(repcat("prepare", "a.mha", "--out", "d", *SMALL), "its spacing, which must be in mm")


def test_a_recipe_with_eight_faults_tells_eight(repcat, tmp_path):
    (tmp_path / "eight.toml").write_text(
        """
extra = 1
data = {use = "phantom", size = 1000000, window = [nan, 1]}
mapper.use = "repeat_concatt"
backbone = {use = "unet", chanels = [4, 8]}
objective = {use = "l2", optim.model = 3}
optim.lr = inf
"""
    )
    lines = told(repcat("train", "eight.toml", "--out", "run"))
    assert len(lines) == 9
    assert "objective.optim.model must be a table, not 3" in "".join(lines)
    assert not Path("run").exists()


@pytest.mark.parametrize(
    ("recipe", "why"),
    [("none.toml", "there is no"), (".", "cannot read"), ("binary.toml", "cannot read")],
)
def test_what_is_no_recipe(repcat, recipe, why):
    Path("binary.toml").write_bytes(b"\0\xff")
    assert len(told(repcat("train", recipe, "--out", "run"), why, "`repcat recipes`")) == 1


@pytest.mark.parametrize("size", [32, 80])
def test_sizes_that_swin_unetr_cannot_take(repcat, recipe, size):
    words = ("--set", f"data.size = {size}", "--set", "backbone = {use = 'swin_unetr'}")
    assert len(told(repcat("train", recipe, "--out", "run", *words), "from 64 up")) == 1
    assert not Path("run").exists()


def test_some_views_for_a_mapper_that_reads_all(repcat, recipe):
    words = ("--set", "data.views_drawn = [1, 2]")
    said = ("data.views_drawn = [1, 2]", "'repeat_concat'", "such as 'view_pool'")
    assert len(told(repcat("train", recipe, "--out", "run", *words), *said)) == 1
    assert not Path("run").exists()


@pytest.mark.parametrize("out", ["/proc/no/run", "file"])
def test_a_run_that_cannot_be_written(repcat, recipe, out):
    Path("file").write_text("here")
    assert len(told(repcat("train", recipe, "--out", out), "cannot write")) == 1


LAST = "checkpoints/000002"
BROKEN = {
    "an empty state": lambda run, _: (run / LAST / "state.json").write_text("{}"),
    "a list": lambda run, _: (run / LAST / "state.json").write_text("[]"),
    "a torn table": lambda run, _: (run / LAST / "model.safetensors").write_bytes(b"torn"),
    "a table taken away": lambda run, _: (run / LAST / "average.safetensors").unlink(),
    "another run's weights": lambda run, other: _lend(run, other, "model"),
    "another run's average": lambda run, other: _lend(run, other, "average"),
}


def _lend(run, other, name):
    shutil.copy(other / LAST / f"{name}.safetensors", run / LAST)


@pytest.mark.parametrize("fault", BROKEN)
def test_a_checkpoint_that_does_not_fit(repcat, finished, run, fault):
    BROKEN[fault](run, finished / "other")
    again = ("--resume", "--set", "train.steps = 3")
    for words in (("predict", run), ("train", finished / "tiny.toml", "--out", run, *again)):
        assert len(told(repcat(*words), "of step 2 in" if "other" in fault else LAST)) == 1


def test_moments_of_another_network_are_refused(repcat, finished, run):
    _lend(run, finished / "other", "optim.model")
    words = ("train", finished / "tiny.toml", "--out", run, "--resume")
    told(repcat(*words, "--set", "train.steps = 3"), "does not fit its recipe.toml")


def test_resuming_sweeps_up_what_a_kill_left(repcat, finished, run):
    (run / "checkpoints" / ".000003.ab12.tmp").mkdir()
    (run / ".log.jsonl.7.tmp.jsonl").write_text("half")
    words = ("train", finished / "tiny.toml", "--out", run, "--resume")
    assert repcat(*words, "--set", "train.steps = 3")[0] == 0
    assert list(run.rglob(".*")) == []


def test_a_full_disk_keeps_the_last_checkpoint(tmp_path, monkeypatch):
    run, state = Run(tmp_path), State({"model": {"w": torch.zeros(3)}}, {"step": 2})
    run.save(2, state)

    def full(*_):
        msg = "Error while serializing: I/O error: No space left on device (os error 28)"
        raise SafetensorError(msg)

    monkeypatch.setattr("safetensors.torch.save_file", full)
    with pytest.raises(DataError, match=r"the disk is full: .*000004 was not written"):
        run.save(4, state)
    assert [p.name for p in run.checkpoints.iterdir()] == ["000002"]


def test_a_log_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "log.jsonl").mkdir()
    with pytest.raises(DataError, match="code: cannot-write"):
        Run(tmp_path).log({"step": 1})


@pytest.mark.parametrize(
    ("volume", "said"),
    [
        (np.zeros((8, 8, 8), np.float32), "8 x 8 x 8; bring both to one grid"),
        (np.full((16, 16, 16), np.nan, np.float32), "4096 of 4096 voxels"),
        (np.full((2, 2), "x"), "cannot be read as an array"),
    ],
)
def test_predictions_that_cannot_be_scored(repcat, run, volume, said):
    (saved,) = (run / "predictions").rglob("*.npy")
    np.save(saved, volume)
    assert len(told(repcat("evaluate", run), said)) == 1
    assert not (run / "metrics").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("predict", "in"), "in is no run"),
        (("predict", "none"), "none is no run"),
        (("predict", "run", "--split", "nonsense"), "no split 'nonsense'; there are train"),
        (("evaluate", "run", "--split", "nonsense"), "no split 'nonsense'; there are train"),
        (("predict", "run", "--data", "in"), "in is no dataset"),
        (("predict", "run", "--data", "d"), "d has no view 90; it has 0, 45"),
        (("predict", "run", "--step", "9"), "no checkpoint of step 9"),
        (("evaluate", "run", "--metric", "x"), "no metric is called 'x'"),
    ],
)
def test_runs_and_datasets_that_do_not_meet(repcat, scan, run, words, said):
    if "d" in words:
        repcat("prepare", scan, "--out", "d", "--size", 16, "--views", "0,45", "--split", "0,0,1")
    assert len(told(repcat(*words), said)) == 1


def test_a_window_upside_down_is_refused(repcat, scan):
    words = ("metrics", "score", scan / "p0.mha", scan / "p0.mha", "--window", 5, 1)
    told(repcat(*words), "the first must be the lower")


@pytest.mark.parametrize("words", [("nosuch",), ("metrics", "convert", "abc", "--from", "x")])
def test_what_the_command_line_cannot_read(repcat, words):
    code, _, err = repcat(*words)
    assert code == 2 and "Traceback" not in err


def test_a_finished_run_says_which_tables_its_checkpoint_has(run):
    state = json.loads((run / LAST / "state.json").read_text())
    assert state["files"] == ["average", "model", "optim.model"]


def test_what_does_not_fit_memory_is_told_in_a_line(recipe, tmp_path, repcat):
    # 27 * 1e6 * 2e6 weights are more than any machine's memory, and are asked for at once.
    wide = ("--set", "backbone.channels = [1000000, 2000000]")
    told(
        repcat("train", recipe, "--out", tmp_path / "run", *wide), "out of memory", "#out-of-memory"
    )


@pytest.mark.parametrize("device", ["cuda:abc", "tpu", "cuda:-1"])
def test_a_device_that_is_none_is_told_as_it_was_written(recipe, tmp_path, repcat, device):
    # :abc: is a code for a picture to whatever prints codes as pictures
    words = ("train", recipe, "--out", tmp_path / "run", "--device", device)
    told(repcat(*words), f"--device {device}: there are auto, cpu, cuda and cuda:N")
