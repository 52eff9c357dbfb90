"""Records come back as they were written, or not at all."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from repcat.io.json_record import read_json_record, write_json_record


@dataclass(frozen=True)
class Record:
    name: str
    step: int
    facts: dict[str, Any]


def test_a_record_comes_back_and_equal_ones_are_equal_bytes(tmp_path: Path) -> None:
    record = Record("a", 3, {"b": [1.5, None]})
    for name in ("one.json", "two.json"):
        write_json_record(tmp_path / name, record)
    assert read_json_record(Record, tmp_path / "one.json") == record
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


def test_keys_of_a_later_release_are_let_be(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text('{"name": "a", "step": 3, "facts": {}, "more": 1}')
    assert read_json_record(Record, tmp_path / "r.json") == Record("a", 3, {})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "3",
        '{"name": "a", "step": 3}',
        '{"name": "a", "step": "3", "facts": {}}',
        '{"name": "a", "step": 3, "facts": []}',
        "[" * 100_000,
        '{"name": "\xff',
    ],
)
def test_what_is_no_record_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.json").write_bytes(text.encode("latin-1"))
    assert read_json_record(Record, tmp_path / "r.json") is None
    assert read_json_record(Record, tmp_path / "none.json") is None
    assert read_json_record(Record, tmp_path) is None
