"""Server of a reading child: `python -m repcat.io.strangers.server`, spoken to through pipes.

A request is a line of JSON: function, paths, options. An answer is a line of JSON, with the bytes
of its arrays behind it; before it, a line for each file that is opened. No pickle either way.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from repcat.errors import RepcatError
from repcat.io.itk import simpleitk
from repcat.io.strangers import limits
from repcat.io.strangers.job import Answer, Job, Reads
from repcat.io.strangers.promise import told, too_large, wants_memory


def main() -> None:
    """Answer until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    simpleitk()
    for module in sys.argv[1:]:  # what will be asked for
        import_module(module)
    requests, answers = _private(0, "rb"), _private(1, "wb")
    os.dup2(1, 2)  # codecs print from C, past every setting of ITK
    limits.start()
    for line in requests:
        _serve(json.loads(line), answers)


def _private(number: int, mode: str) -> BinaryIO:
    """Keep a pipe to the parent for ourselves; libraries find the empty device in its place."""
    kept = os.fdopen(os.dup(number), mode)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, number)
    os.close(nowhere)
    return kept  # type: ignore[return-value]


def _serve(request: dict[str, Any], to: BinaryIO) -> None:
    def opens(path: Path) -> None:
        _send(to, {"opens": path.name})

    job = Job([Path(p) for p in request["paths"]], request["options"], opens)
    module, _, function = request["function"].partition(":")
    read: Reads = getattr(import_module(module), function)
    size = sum(path.stat().st_size for path in job.paths)
    limits.processor(request["seconds"])
    limits.memory(limits.allowance(size))
    answer, fault = _read(read, job, size)
    arrays = [np.ascontiguousarray(a) for a in answer.arrays]
    shapes = [(a.dtype.str, a.shape) for a in arrays]
    _send(to, {"facts": answer.facts, "arrays": shapes, "fault": fault})
    for array in arrays:
        to.write(memoryview(array.data).cast("B"))
    to.flush()


def _read(read: Reads, job: Job, size: int) -> tuple[Answer, tuple[str, ...]]:
    """Read, or say in words what is wrong."""
    try:
        return read(job), ()
    except RepcatError as error:
        return Answer({}), (str(error), error.code)
    except Exception as error:  # noqa: BLE001  whatever a strange file brings forth
        return Answer({}), _in_words(error, size, large=job.large)


def _send(to: BinaryIO, line: dict[str, Any]) -> None:
    to.write(json.dumps(line).encode() + b"\n")
    to.flush()


def _in_words(error: Exception, size: int, *, large: bool) -> tuple[str, str]:
    if wants_memory(error):
        if large:
            return "reading it takes more memory than its header explains; leave it out", "memory"
        what = f"reading it takes more than {told(limits.allowance(size))} of memory, and it has "
        refusal = too_large(what + told(size))
        return str(refusal), refusal.code
    kind = type(error).__name__
    return f"its reader failed ({kind}): the file is damaged or hostile; leave it out", "reader"


if __name__ == "__main__":
    main()
