"""A checkpoint is read as it was written, or named."""

import json
import random
import shutil

import pytest
import torch

from repcat.errors import RunError
from repcat.io.checksums import SUMS
from repcat.runs.checkpoint import STATE, State, read_checkpoint, write_checkpoint
from repcat.runs.run import Run

VALUES = {"step": 2, "drawn": 4, "turns": {"model": 2}}
TABLES = {name: {"w": torch.arange(30.0) + n} for n, name in enumerate(("model", "average"))}


@pytest.fixture
def folder(tmp_path):
    write_checkpoint(tmp_path / "000002", State(TABLES, VALUES))
    return tmp_path / "000002"


@pytest.mark.parametrize("name", ["model.safetensors", "average.safetensors", STATE, SUMS])
def test_one_flipped_bit_anywhere_is_named(folder, name):
    whole, chance = (folder / name).read_bytes(), random.Random(0)
    for place in [*chance.sample(range(len(whole)), 12), 0, len(whole) - 1]:
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(8)
        (folder / name).write_bytes(changed)
        with pytest.raises(RunError, match=r"000002 is damaged \(.*; delete it") as error:
            read_checkpoint(folder)
        assert name == SUMS or name in str(error.value)
        assert "\n" not in str(error.value)


def test_only_the_tables_that_are_asked_for_are_read(folder):
    (folder / "model.safetensors").write_bytes(b"torn")
    assert list(read_checkpoint(folder, ["average"]).tensors) == ["average"]
    with pytest.raises(RunError, match=r"model\.safetensors is not what was written"):
        read_checkpoint(folder, ["model"])


def test_a_checkpoint_without_checksums_is_read_as_before(folder):
    (folder / SUMS).unlink()
    state = read_checkpoint(folder)
    assert state.values == VALUES and torch.equal(state.tensors["model"]["w"], TABLES["model"]["w"])


@pytest.mark.parametrize(
    "values",
    ['{"step": 1e400}', '{"step": 2, "turns": [1]}', '{"step": 2, "turns": {"a": []}}', "[]", "{}",
     '{"step": -1}', '{"step": true}', '{"step": 2, "drawn": null}', "[" * 100_000, '{"step": "2"}',
     '{"step": 2, "files": ["../../x"]}', '{"step": 2, "files": 3}', '{"step": 2, "files": [[]]}'],
)  # fmt: skip
def test_a_state_of_another_kind_is_told_in_one_line(folder, values):
    (folder / SUMS).unlink()
    (folder / STATE).write_text(values)
    with pytest.raises(RunError, match="code: checkpoint-damaged") as error:
        read_checkpoint(folder)
    assert "\n" not in str(error.value)


def test_the_last_whole_checkpoint_is_taken_and_each_damaged_one_told(tmp_path, capsys):
    run = Run(tmp_path)
    for step in (2, 4, 6):
        run.save(step, State(TABLES, {"step": step}))
    (run.checkpoint(6) / SUMS).write_bytes(b"\xff")
    (run.checkpoint(4) / STATE).unlink()
    shutil.copy(run.checkpoint(2) / STATE, run.checkpoint(4) / STATE)
    assert run.load().values["step"] == 2
    told = capsys.readouterr().err.splitlines()
    assert ["000006" in told[0], "000004" in told[1]] == [True, True] and len(told) == 2
    with pytest.raises(RunError, match=r"000004 is damaged .*; delete it"):
        run.load(4)
    run.forget_after(2)
    assert run.steps() == [2]
    names = sorted(p.name for p in run.checkpoints.iterdir())
    assert names == ["000002", "000004.damaged", "000006.damaged"]


def test_values_of_a_checkpoint_that_is_gone_are_none_and_of_a_damaged_one_are_told(folder):
    run = Run(folder.parent.parent)
    run.checkpoints = folder.parent
    assert run.values(2) == {**VALUES, "files": ["average", "model"]} and run.values(3) == {}
    text = (folder / STATE).read_text()
    (folder / STATE).write_text(json.dumps({**json.loads(text), "drawn": 5}))
    with pytest.raises(RunError, match=r"state\.json is not what was written"):
        run.values(2)
