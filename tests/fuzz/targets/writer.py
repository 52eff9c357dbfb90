"""The note of who writes into a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from repcat.io.writer import WRITER, Writer
from tests.fuzz.target import Read, target


@target("writer", "process host since command ending null [] {} -1 1e400")
def writer(folder: Path) -> tuple[Sequence[bytes], Read]:
    """FOLDER/.writer, as one reads it who finds the folder locked."""
    Writer.here().write(folder)
    file = folder / WRITER

    def once(data: bytes) -> None:
        file.write_bytes(data)
        if found := Writer.read(folder):
            str(found)
            str(found.will_end)

    return [file.read_bytes()], once
