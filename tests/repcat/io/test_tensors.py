"""Tables of tensors in safetensors files, and what their hash depends on."""

import errno

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from repcat.io.tensors import save_table, table_hash

TABLE = {"w": torch.arange(6.0).reshape(2, 3), "n": torch.tensor([1, 2])}


def test_a_table_comes_back_with_its_facts(tmp_path):
    save_table(TABLE, tmp_path / "t.safetensors", {"unit": "HU"})
    found = load_file(tmp_path / "t.safetensors")
    assert found.keys() == TABLE.keys() and all(torch.equal(found[k], TABLE[k]) for k in TABLE)
    with safe_open(tmp_path / "t.safetensors", "pt") as file:
        assert file.metadata() == {"unit": "HU"}


def test_views_of_one_memory_and_turned_ones_are_written_apart(tmp_path):
    w = TABLE["w"]
    table = {"whole": w, "row": w[1], "turned": w.T, "again": w}
    save_table(table, tmp_path / "t.safetensors")
    found = load_file(tmp_path / "t.safetensors")
    assert all(torch.equal(found[name], tensor) for name, tensor in table.items())


def test_a_table_may_be_read_by_whom_any_file_may_be_read_by(tmp_path):
    (tmp_path / "any").write_text("")
    save_table(TABLE, tmp_path / "t.safetensors")
    modes = [(tmp_path / name).stat().st_mode for name in ("any", "t.safetensors")]
    assert modes[0] == modes[1]


def test_equal_tables_and_facts_give_equal_bytes(tmp_path):
    facts = {name: f'{{"größe": "{name}/1"}}' for name in "edcba"}
    for n in range(12):
        save_table(TABLE, tmp_path / str(n), facts)
    assert len({(tmp_path / str(n)).read_bytes() for n in range(12)}) == 1
    with safe_open(tmp_path / "0", framework="pt") as file:
        assert file.metadata() == facts


def test_what_the_system_refuses_keeps_its_number(tmp_path):
    with pytest.raises(OSError, match="os error") as caught:
        save_table(TABLE, tmp_path)
    assert caught.value.errno == errno.EISDIR


def test_a_hash_is_of_names_types_shapes_values_and_text_in_any_order():
    w, n = TABLE["w"], TABLE["n"]
    first = table_hash({"w": w, "n": n})
    assert table_hash({"n": n, "w": w.T.contiguous().T}) == first and len(first) == 64
    others = [
        table_hash(TABLE, "text"),
        table_hash({"v": w, "n": n}),
        table_hash({"w": w.T, "n": n}),
        table_hash({"w": w.flatten(), "n": n}),
        table_hash({"w": w, "n": n.int()}),
        table_hash({"w": w + 1e-6, "n": n}),
        table_hash({"w": w}),
    ]
    assert len({first, *others}) == 8
