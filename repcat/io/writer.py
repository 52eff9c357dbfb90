"""Writer: the process that has a folder's lock, as FOLDER/.writer tells others."""

from __future__ import annotations

import json
import os
import shlex
import socket
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from repcat.io.atomic import os_errors_as_data_errors
from repcat.io.json_record import read_json_record
from repcat.io.process import is_alive

WRITER = ".writer"
SHOWN = 200  # letters of a command


@dataclass(slots=True)
class Writer:
    """Who writes into a folder, since when, and whether it was asked to end."""

    process: int
    host: str
    since: str
    command: str
    ending: bool = False

    @classmethod
    def here(cls) -> Writer:
        """Return this process."""
        command = shlex.join(["repcat", *sys.argv[1:]])
        return cls(os.getpid(), socket.gethostname(), time.strftime("%d %b %H:%M"), command)

    @classmethod
    def read(cls, folder: Path) -> Writer | None:
        """Read who writes; None while one is just coming or going."""
        return read_json_record(cls, folder / WRITER)

    def write(self, folder: Path) -> None:
        """Tell who writes."""
        with os_errors_as_data_errors(folder / WRITER):
            (folder / WRITER).write_text(json.dumps(asdict(self)) + "\n", encoding="utf-8")

    @property
    def will_end(self) -> bool:
        """Whether it was asked to end, or is gone, so that a child has the lock and goes too."""
        return self.ending or (self.host == socket.gethostname() and not is_alive(self.process))

    def __str__(self) -> str:
        command = self.command if len(self.command) <= SHOWN else self.command[:SHOWN] + "..."
        return f"process {self.process} on {self.host} since {self.since}: `{command}`"
