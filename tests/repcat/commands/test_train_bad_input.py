"""`repcat train` on recipes, folders and checkpoints that will not do: one line, exit code 2."""

import json
import shutil
import sys
from pathlib import Path

import pytest
import torch

from repcat.io.checksums import write_checksums
from repcat.runs.run import Run
from repcat.training import session

LAST = "checkpoints/000002"
DAMAGED = {
    "an empty state": lambda run, _: (run / LAST / "state.json").write_text("{}"),
    "a list": lambda run, _: (run / LAST / "state.json").write_text("[]"),
    "a torn table": lambda run, _: (run / LAST / "model.safetensors").write_bytes(b"torn"),
    "a table taken away": lambda run, _: (run / LAST / "average.safetensors").unlink(),
}
OTHERS = {
    "another run's weights": lambda run, other: _lend(run, other, "model"),
    "another run's average": lambda run, other: _lend(run, other, "average"),
}


def _lend(run, other, name):
    shutil.copy(other / LAST / f"{name}.safetensors", run / LAST)
    write_checksums(run / LAST)


def test_a_recipe_with_eight_faults_tells_eight(repcat, tmp_path, told):
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
def test_what_is_no_recipe(repcat, told, recipe, why):
    Path("binary.toml").write_bytes(b"\0\xff")
    assert len(told(repcat("train", recipe, "--out", "run"), why, "`repcat recipes`")) == 1


@pytest.mark.parametrize("size", [32, 80])
def test_sizes_that_swin_unetr_cannot_take(repcat, recipe, size, told):
    words = ("--set", f"data.size = {size}", "--set", "backbone = {use = 'swin_unetr'}")
    assert len(told(repcat("train", recipe, "--out", "run", *words), "from 64 up")) == 1
    assert not Path("run").exists()


def test_some_views_for_a_mapper_that_reads_all(repcat, told, recipe):
    words = ("--set", "data.views_drawn = [1, 2]")
    said = ("data.views_drawn = [1, 2]", "'repeat_concat'", "such as 'lift', 'view_pool'")
    assert len(told(repcat("train", recipe, "--out", "run", *words), *said)) == 1
    assert not Path("run").exists()


@pytest.mark.parametrize("out", ["/proc/no/run", "file"])
def test_a_run_that_cannot_be_written(repcat, recipe, out, told):
    Path("file").write_text("here")
    assert len(told(repcat("train", recipe, "--out", out), "cannot write")) == 1


@pytest.mark.parametrize("fault", OTHERS)
def test_a_checkpoint_that_does_not_fit(repcat, finished, run, fault, told):
    OTHERS[fault](run, finished / "other")
    again = ("--resume", "--set", "train.steps = 3")
    for words in (("predict", run), ("train", finished / "tiny.toml", "--out", run, *again)):
        assert len(told(repcat(*words), "of step 2 in")) == 1


@pytest.mark.parametrize("fault", DAMAGED)
def test_a_damaged_last_checkpoint_is_named_and_the_one_before_is_taken(
    repcat, finished, run, fault, told
):
    DAMAGED[fault](run, None)
    code, out, err = repcat("predict", run, "--pictures", 0)
    assert code == 0 and "weights of step 1;" in out
    assert err.startswith(f"warning: {run / LAST} is damaged (") and err.count("warning") == 1
    assert len(told(repcat("predict", run, "--step", 2), f"{run / LAST} is damaged")) == 1


def test_a_resumed_run_goes_on_from_the_checkpoint_before_the_damaged_one(repcat, finished, run):
    DAMAGED["a torn table"](run, None)
    words = ("train", finished / "tiny.toml", "--out", run, "--resume")
    code, _, err = repcat(*words)
    assert code == 0 and "000001 is taken in its place" in err
    assert Run(run).steps() == [1, 2] and (run / "checkpoints" / "000002.damaged").is_dir()
    mended, unbroken = Run(run).load(), Run(finished / "one").load()
    for name, table in unbroken.tensors.items():
        assert all(torch.equal(mended.tensors[name][k], v) for k, v in table.items())


def test_the_only_checkpoint_damaged_is_one_line(repcat, run, told):
    shutil.rmtree(run / "checkpoints" / "000001")
    DAMAGED["a torn table"](run, None)
    assert len(told(repcat("predict", run), LAST, "there is no whole one before it")) == 1


def test_moments_of_another_network_are_refused(repcat, finished, run, told):
    _lend(run, finished / "other", "optim.model")
    words = ("train", finished / "tiny.toml", "--out", run, "--resume")
    told(repcat(*words, "--set", "train.steps = 3"), "does not fit its recipe.toml")


def test_resuming_sweeps_up_what_a_kill_left(repcat, finished, run):
    (run / "checkpoints" / ".000003.ab12.tmp").mkdir()
    (run / ".log.jsonl.7.tmp.jsonl").write_text("half")
    others = [run / "predictions/phantoms/.p.npy.7.tmp.npy", run / ".report.html.7.tmp.html"]
    for file in others:  # which `predict` and `report` may be writing meanwhile
        file.write_text("half")
    words = ("train", finished / "tiny.toml", "--out", run, "--resume")
    assert repcat(*words, "--set", "train.steps = 3")[0] == 0
    assert set(run.rglob(".*")) == set(others)


def test_a_finished_run_says_which_tables_its_checkpoint_has(run):
    state = json.loads((run / LAST / "state.json").read_text())
    assert state["files"] == ["average", "model", "optim.model"]


def no_compiler(*_):
    msg = "InvalidCxxCompiler: No working C++ compiler found\n\nSet TORCHDYNAMO_VERBOSE=1"
    raise RuntimeError(msg)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("train.tensorboard = true", "needs the extra: pip install 'repcat[tensorboard]'"),
        ("train.compile = true", "No working C++ compiler found"),
    ],
)
def test_what_this_machine_lacks_is_told_before_the_folder_is_taken(
    repcat, recipe, told, monkeypatch, setting, said
):
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "torch.utils.tensorboard", None)
        patch.setattr(torch, "compile", lambda _: no_compiler)
        assert len(told(repcat("train", recipe, "--out", "run", "--set", setting), said)) == 1
    assert not Path("run").exists()
    assert repcat("train", recipe, "--out", "run", "--set", "train.steps = 1")[0] == 0


def test_a_run_without_a_checkpoint_says_how_to_go_on(repcat, recipe, trained, told):
    shutil.rmtree(trained / "checkpoints")
    how = "run has no checkpoint yet; go on with: repcat train run/recipe.toml --out run --resume"
    told(repcat("predict", "run"), how)
    assert repcat("train", "run/recipe.toml", "--out", "run", "--resume")[0] == 0
    assert repcat("predict", "run")[0] == 0


def test_what_does_not_fit_memory_is_told_in_a_line(recipe, tmp_path, repcat, told, monkeypatch):
    # more than any machine's memory, asked for at once; recipes may not ask for as much
    monkeypatch.setattr(session, "build_network", lambda *_: torch.empty(10**15))
    result = repcat("train", recipe, "--out", tmp_path / "run")
    told(result, "out of memory", "#out-of-memory")


@pytest.mark.parametrize("device", ["cuda:abc", "tpu", "cuda:-1"])
def test_a_device_that_is_none_is_told_as_it_was_written(recipe, tmp_path, repcat, device, told):
    # :abc: is a code for a picture to whatever prints codes as pictures
    words = ("train", recipe, "--out", tmp_path / "run", "--device", device)
    told(repcat(*words), f"--device {device}: there are auto, cpu, cuda and cuda:N")
