"""Log of a training: one JSON object a line, each with a checksum of itself."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from repcat.errors import RunError
from repcat.io.atomic import atomic_file, os_errors_as_data_errors
from repcat.io.json_object import parse_object

SEAL = re.compile(rb', "crc32": "([0-9a-f]{8})"\}')


def append_record(path: Path, record: Mapping[str, Any]) -> None:
    """Add a line: the record, and as its last key the CRC-32 of its JSON without it."""
    text = json.dumps(dict(record)).encode()
    with os_errors_as_data_errors(path), path.open("ab") as file:
        file.write(text[:-1] + b', "crc32": "' + _checksum(text) + b'"}\n')


def read_records(path: Path) -> list[dict[str, Any]]:
    """Read every record, without its checksum; a last line cut by a kill is left out.

    Raises:
        RunError: naming the first line that is not what was written.
    """
    return [record for _, record in _read(path)]


def keep_records(path: Path, step: int) -> None:
    """Drop the lines of later steps."""
    kept = [line for line, record in _read(path) if record["step"] <= step]
    with atomic_file(path) as file:
        file.write_bytes(b"".join(line + b"\n" for line in kept))


def _read(path: Path) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Yield lines and their records; the lines of repcat before 0.2 have no checksum."""
    *lines, last = path.read_bytes().split(b"\n") if path.exists() else [b""]
    if SEAL.search(last):  # all of a line is there, but for its end
        lines.append(last)
    sealed = False
    for number, line in enumerate(lines, start=1):
        try:
            record = _parse(line, sealed)
        except ValueError as error:
            why = f"{path} line {number} was changed: {error}"
            msg = f"{why}; delete that line to go on without it"
            raise RunError(msg, code="log-damaged") from None
        sealed = sealed or bool(SEAL.search(line))
        yield line, record


def _parse(line: bytes, sealed: bool) -> dict[str, Any]:
    """Read a line; where one before it has a checksum, it must have one."""
    seal = SEAL.search(line)
    text = line[: seal.start()] + b"}" if seal else line
    if seal and (seal.end() < len(line) or seal[1] != _checksum(text)):
        msg = "it does not fit its checksum"
    elif sealed and not seal:
        msg = "it has no checksum"
    elif type((record := parse_object(text)).get("step")) is not int:
        msg = "it has no step"
    elif not all(isinstance(value, int | float) for value in record.values()):
        msg = "it holds what is no number"
    else:
        return record
    raise ValueError(msg)


def _checksum(text: bytes) -> bytes:
    return f"{zlib.crc32(text):08x}".encode()
