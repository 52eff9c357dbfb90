"""Reading child: a process that reads files from strangers; its death is one file's fault.

It is spawned with the first file or before, imports no torch, serves all that follow, ends with its
parent's pipe, and has limits of memory and time (`limits.py`). Nothing that it says is trusted:
lines are JSON of bounded length, arrays come as bytes of a known number type.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from io import BufferedReader, BufferedWriter
from pathlib import Path
from typing import Any, cast

from repcat.errors import DataError
from repcat.io.strangers.answer import Facts, empty_array, nonsense
from repcat.io.strangers.limits import allowance
from repcat.io.strangers.promise import DENSEST, ROOM
from repcat.startup.allocator import unsettled

SERVER = "repcat.io.strangers.server"
PATIENCE = 300  # seconds for a small file, and two more for each MB
LONGEST_LINE = 1 << 20
PIPE = 1 << 20
TOO_LONG = getattr(signal, "SIGXCPU", 0)  # how the system ends it; Windows has no such limit


class ReadingChild:
    """One process; `patience` is how many seconds it may take over a small file.

    `ahead` is the module that it imports while it waits for the first file, if any.
    """

    def __init__(self, patience: float = PATIENCE, ahead: str = "") -> None:
        """Start it, with this process's module path, away from the terminal's Ctrl-C."""
        self.patience, self.late, self.at = patience, False, ""
        one_each = dict.fromkeys(
            ("MALLOC_ARENA_MAX", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"
        )
        path = {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        command = [sys.executable, "-P", "-m", SERVER, *([ahead] if ahead else [])]
        try:
            self.process = subprocess.Popen(
                command,
                env=unsettled(os.environ) | one_each | path,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pipesize=PIPE,
                process_group=0,
            )
        except OSError as error:
            msg = f"no process could be started to read files in ({error.strerror}); close others"
            raise DataError(msg, code="no-reading-child") from None
        self.requests = cast("BufferedWriter", self.process.stdin)
        self.answers = cast("BufferedReader", self.process.stdout)

    def read(self, function: str, paths: Sequence[Path], options: Mapping[str, Any]) -> Facts:
        """Have `function`, 'module:name', read files.

        Raises:
            DataError: what it says is wrong with a file, or that it crashed over one.
        """
        size = sum(path.stat().st_size for path in paths)
        seconds = self.patience + 2 * size / 10**6
        request = {"function": function, "paths": [str(p) for p in paths], "options": options}
        clock = threading.Timer(seconds, self._give_up)
        clock.start()
        try:
            self._ask(request | {"seconds": 1 + int(seconds)})
            large = ROOM * DENSEST * size if options.get("large") else 0
            facts, fault = self._answer(max(allowance(size), large))
        except (OSError, EOFError):
            raise self._obituary(seconds) from None
        except BaseException:  # Ctrl-C, nonsense: whatever it says next belongs to this file
            self.close()
            raise
        finally:
            clock.cancel()
        if fault:
            raise DataError(fault[0], code=fault[-1])
        return facts

    def _ask(self, request: Mapping[str, Any]) -> None:
        self.at = ""
        self.requests.write(json.dumps(request).encode() + b"\n")
        self.requests.flush()

    def _answer(self, most: int) -> tuple[Facts, tuple[str, ...]]:
        """Read lines up to the answer's, and the arrays behind it."""
        while "opens" in (line := self._line()).values:
            self.at = line.text("opens")
        arrays = [empty_array(told, most) for told in line.items("arrays")]
        for array in arrays:
            if self.answers.readinto(memoryview(array.data).cast("B")) != array.nbytes:
                raise EOFError
        return replace(line.inner("facts"), arrays=arrays), line.texts("fault")

    def _line(self) -> Facts:
        text = self.answers.readline(LONGEST_LINE)
        if not text:
            raise EOFError
        try:
            return Facts({"line": json.loads(text)}).inner("line")
        except (ValueError, RecursionError):
            raise nonsense() from None

    def _give_up(self) -> None:
        self.late = True
        self.process.kill()

    def _obituary(self, seconds: float) -> DataError:
        """Say what became of it, and over which of several files."""
        self.process.wait()
        self.close()
        code = self.process.returncode
        how = f"crashed (signal {-code})" if code < 0 else f"ended (exit code {code})"
        if self.late or -code == TOO_LONG:
            how = f"took more than {seconds:.0f} s"
        where = f"{self.at}: " if self.at else ""
        msg = f"{where}its reader {how}: the file is damaged or hostile; leave it out"
        return DataError(msg, code="reader-crashed")

    def close(self) -> None:
        """End it; it is gone when this returns."""
        self.process.kill()
        self.process.wait()
        for end in (self.requests, self.answers):
            with suppress(OSError):
                end.close()
