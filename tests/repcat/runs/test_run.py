"""A run directory: checkpoints whole or absent, no pickle, log without torn lines."""

import json

import pytest
import torch
from safetensors import SafetensorError

from repcat.errors import DataError, RecipeError, RunError
from repcat.io.checksums import write_checksums
from repcat.runs.checkpoint import State
from repcat.runs.run import Run

STATE = State({"model": {"w": torch.arange(3.0)}}, {"step": 2, "drawn": 4})


@pytest.fixture
def run(tmp_path):
    run = Run(tmp_path)
    run.save(2, STATE)
    return run


def test_a_checkpoint_comes_back_as_it_was(run):
    state = run.load()
    assert state.values == STATE.values
    assert torch.equal(state.tensors["model"]["w"], STATE.tensors["model"]["w"])


def test_a_checkpoint_is_safetensors_and_json_alone(run):
    names = {p.name for p in (run.checkpoints / "000002").iterdir()}
    assert names == {"model.safetensors", "state.json", "SHA256SUMS"}


def test_a_write_that_is_cut_leaves_no_checkpoint(run, monkeypatch):
    import safetensors.torch

    def cut(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(safetensors.torch, "save_file", cut)
    with pytest.raises(Exception, match="disk is full"):
        run.save(4, STATE)
    assert run.steps() == [2] and [p.name for p in run.checkpoints.iterdir()] == ["000002"]


def test_a_damaged_checkpoint_is_named(run):
    (run.checkpoints / "000002" / "model.safetensors").write_bytes(b"torn")
    with pytest.raises(RunError, match=r"000002.*there is no whole one before it"):
        run.load()
    with pytest.raises(RunError, match=r"000002.*delete it"):
        run.load(2)


def test_a_step_that_was_not_saved_is_refused_with_those_that_were(run):
    with pytest.raises(RunError, match=r"step 3; there are \[2\]"):
        run.load(3)


def test_a_folder_without_a_recipe_is_no_run(tmp_path):
    with pytest.raises(RunError, match="code: not-a-run"):
        Run.open(tmp_path)


def test_a_torn_last_line_of_the_log_is_left_out_and_later_steps_are_forgotten(run):
    for step in (1, 2, 3):
        run.log({"step": step})
    with run.log_file.open("a") as file:
        file.write('{"step": 4, "lo')
    run.forget_after(2)
    assert [r["step"] for r in run.records()] == [1, 2]
    assert all(json.loads(line) for line in run.log_file.read_text().splitlines())


def test_keeping_the_last_two_deletes_the_others_and_zero_keeps_all(run):
    for step in (4, 6):
        run.save(step, STATE)
    run.keep_last(0)
    assert run.steps() == [2, 4, 6]
    run.keep_last(2)
    assert run.steps() == [4, 6]


def test_a_layer_under_two_names_is_saved_and_comes_back(tmp_path):
    # MONAI's DynUNet holds each of its layers twice; safetensors alone refuses that
    layer = torch.nn.Linear(2, 2)
    pair = torch.nn.ModuleDict({"one": layer, "other": layer})
    Run(tmp_path).save(1, State({"model": pair.state_dict()}, {"step": 1}))
    found = Run(tmp_path).load(1).tensors["model"]
    assert found.keys() == pair.state_dict().keys()
    assert all(torch.equal(found[k], v) for k, v in pair.state_dict().items())


def test_a_run_whose_plugin_is_gone_names_it(recipe_of, parts, tmp_path):
    run = Run.create(tmp_path / "r", recipe_of(), {"plugins": {"repcat": "0", "repcat-x": "1.2"}})
    run.recipe_file.write_text(run.recipe_file.read_text().replace('"unet"', '"gone"'))
    write_checksums(run.path, ["recipe.toml", "provenance.json"])
    with pytest.raises(RecipeError, match=r"'gone'(.|\n)*a plugin that is missing: repcat-x 1\.2"):
        run.recipe(parts)


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
    with pytest.raises(DataError, match=r"cannot write .*log\.jsonl"):
        Run(tmp_path).log({"step": 1})
