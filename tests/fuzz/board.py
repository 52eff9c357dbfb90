"""Board: memory that a worker shares with the campaign, so that a crash leaves its input behind."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

MOST = 1 << 20
HEAD = struct.Struct("<QQ")


class Board:
    """How many inputs were begun, and the last of them."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(HEAD.size + MOST))
        with path.open("r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)

    @property
    def count(self) -> int:
        """How many inputs were begun."""
        return int(HEAD.unpack_from(self.memory)[0])

    @property
    def data(self) -> bytes:
        """The last input."""
        length = HEAD.unpack_from(self.memory)[1]
        return self.memory[HEAD.size : HEAD.size + length]

    def show(self, count: int, data: bytes) -> None:
        """Put an input up before it is read."""
        data = data[:MOST]
        self.memory[HEAD.size : HEAD.size + len(data)] = data
        HEAD.pack_into(self.memory, 0, count, len(data))
