"""A line of the log that is not what was written is named, whatever it holds."""

import json
import random
import zlib

import pytest

from repcat.errors import RunError
from repcat.runs.log_file import append_record, keep_records, read_records

RECORDS = [{"step": n, "seconds": n / 2, "l2": 0.1 / n, "peak": float("inf")} for n in (1, 2)]
DEEP = b"[" * 100_000


@pytest.fixture
def log(tmp_path):
    for record in RECORDS:
        append_record(tmp_path / "log.jsonl", record)
    return tmp_path / "log.jsonl"


def test_the_last_key_is_the_crc_of_the_lines_json_without_it(log):
    for line, record in zip(log.read_text().splitlines(), RECORDS, strict=True):
        found = json.loads(line)
        assert list(found)[-1] == "crc32"
        assert int(found["crc32"], 16) == zlib.crc32(json.dumps(record).encode())
    assert read_records(log) == RECORDS


def test_one_flipped_bit_anywhere_is_named_with_its_line(log):
    whole, chance = log.read_bytes(), random.Random(0)
    first = whole.index(b"\n")
    for place in [*chance.sample(range(len(whole)), 60), first, len(whole) - 1]:
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(8)
        log.write_bytes(changed)
        line = 1 if place <= first else 2
        with pytest.raises(RunError, match=rf"log\.jsonl line {line} was changed: .*; delete that"):
            read_records(log)


@pytest.mark.parametrize("keep", range(1, 40, 3))
def test_a_last_line_cut_by_a_kill_is_left_out(log, keep):
    log.write_bytes(log.read_bytes()[: -1 - keep])
    assert read_records(log) == RECORDS[:1]


@pytest.mark.parametrize("cut", [b"\0" * 512, b"\xff", b"3", b'{"step": 4, "crc32": "ab'])
def test_what_a_power_cut_leaves_after_the_last_line_is_left_out(log, cut):
    log.write_bytes(log.read_bytes() + cut)
    assert read_records(log) == RECORDS


def test_a_last_line_that_lacks_its_end_alone_is_whole(log):
    log.write_bytes(log.read_bytes()[:-1])
    assert read_records(log) == RECORDS


@pytest.mark.parametrize(
    "line", [b"3", b"[1]", b'{"step": null}', b'{"l2": 1}', b'{"step": 1.5}', b"\xff", b"", DEEP,
             b'{"step": 1, "l2": "x"}', b'{"step": 1, "l2": [1]}', b'{"step": %b}' % (b"9" * 5000)],
)  # fmt: skip
def test_a_line_of_another_kind_is_named_with_and_without_checksums_before_it(log, line):
    for before in (b"", log.read_bytes()):
        log.write_bytes(before + line + b"\n")
        with pytest.raises(RunError, match="code: log-damaged") as error:
            read_records(log)
        assert "\n" not in str(error.value) and len(str(error.value)) < 1000


def test_lines_of_before_checksums_are_read_and_kept_as_they_are(log):
    old, new = b'{"step": 1, "l2": 0.5}\n', log.read_bytes()
    log.write_bytes(old + new)
    assert read_records(log) == [{"step": 1, "l2": 0.5}, *RECORDS]
    keep_records(log, 1)
    assert log.read_bytes() == old + new[: new.index(b"\n") + 1]
