"""A checkpoint is read as it was written, or named."""

import hashlib
import json
import random
import shutil

import pytest
import torch

from repcat.errors import RunError
from repcat.io.checksums import SUMS, write_checksums
from repcat.runs.checkpoint import (
    STATE,
    State,
    read_checkpoint,
    read_last,
    weights_hash,
    write_checkpoint,
)
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


def test_a_torn_table_without_checksums_is_named_too(folder):
    (folder / SUMS).unlink()
    (folder / "model.safetensors").write_bytes(b"torn")
    with pytest.raises(RunError, match=r"000002 is damaged \(SafetensorError: .*; delete it"):
        read_checkpoint(folder)
    (folder / "model.safetensors").unlink()
    with pytest.raises(RunError, match=r"000002 is damaged \(model\.safetensors is gone\)"):
        read_checkpoint(folder, ["average"])


def test_a_state_of_before_the_names_of_tables_names_the_files_there_are(folder):
    (folder / SUMS).unlink()
    (folder / STATE).write_text('{"step": 0, "drawn": 0, "turns": {"model": 0}}')
    state = read_checkpoint(folder)
    assert sorted(state.tensors) == ["average", "model"]
    assert state.values == {"step": 0, "drawn": 0, "turns": {"model": 0}}


def test_a_state_is_json_that_people_can_read(folder):
    wanted = {**VALUES, "files": ["average", "model"]}
    assert (folder / STATE).read_text() == json.dumps(wanted, indent=2) + "\n"


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


def test_of_no_whole_checkpoint_the_last_is_told(tmp_path, capsys):
    folders = [tmp_path / "1", tmp_path / "2"]
    for folder in folders:
        write_checkpoint(folder, State(TABLES, VALUES))
        (folder / STATE).unlink()
    with pytest.raises(RunError, match=r"/2 is damaged \(state.*; there is no whole one before it"):
        read_last(folders)
    write_checkpoint(folders[0], State(TABLES, VALUES))
    assert list(read_last(folders, ["average"]).tensors) == ["average"]
    (told,) = capsys.readouterr().err.splitlines()
    assert told.startswith("warning: ") and told.endswith("; 1 is taken in its place")


def tables(**values: float) -> dict[str, dict[str, torch.Tensor]]:
    return {name: {"w": torch.tensor([value])} for name, value in values.items()}


def hash_of(folder, values=None, **weights: float) -> str:
    write_checkpoint(folder, State(tables(**weights), values or {"step": 1}))
    return weights_hash(folder)


def test_the_hash_of_weights_follows_them_and_their_average_alone(tmp_path) -> None:
    first = hash_of(tmp_path / "a", model=1.0, average=2.0, optimiser=3.0)
    assert first == hash_of(tmp_path / "b", {"step": 9}, model=1.0, average=2.0, optimiser=4.0)
    others = [{"model": 1.0}, {"model": 1.0, "average": 3.0}, {"model": 2.0, "average": 1.0}]
    found = {hash_of(tmp_path / str(n), **w) for n, w in enumerate(others)}
    assert len(found | {first}) == 4


def test_the_hash_of_weights_is_of_their_lines_of_checksums(folder):
    write_checkpoint(folder, State({**TABLES, "optimiser": TABLES["model"]}, VALUES))
    average, model, *_ = (folder / SUMS).read_bytes().splitlines(keepends=True)
    assert weights_hash(folder) == hashlib.sha256(average + model).hexdigest()
    (folder / "average.safetensors").unlink()  # listed: it was there when it was written
    assert weights_hash(folder) == hashlib.sha256(average + model).hexdigest()
    (folder / SUMS).unlink()
    assert weights_hash(folder) == hashlib.sha256(model).hexdigest()


def test_the_hash_of_weights_is_the_same_with_and_without_checksums(tmp_path) -> None:
    found = hash_of(tmp_path / "a", model=1.0)
    (tmp_path / "a" / SUMS).unlink(missing_ok=True)
    assert weights_hash(tmp_path / "a") == found
    write_checksums(tmp_path / "a")
    (tmp_path / "a" / "model.safetensors").write_bytes(b"is not read again")
    assert weights_hash(tmp_path / "a") == found
