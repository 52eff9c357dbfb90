"""A side of a comparison in a process of its own: what it runs, and what its starter holds.

The settings of the memory allocator are a process's, so each side is one. It does what a line on
its standard input asks for and answers by a line of JSON; it ends when that input is closed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from functools import partial
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any

from repcat.bench.cases import CASES, PAPER, SYSTEM_FP32
from repcat.errors import RepcatError

COUNT, STEP = "count", "step"
WORDS = "side"
"""What `repcat bench` is asked for to be a side; it tells nobody and reads its order."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a side runs."""

    case: str
    side: str
    batch: int
    on: str


def environment(side: str) -> dict[str, str]:
    """Return a side's environment; that of the paper, and one to compare with, is the system's.

    REPCAT_ALLOCATOR=system keeps repcat from choosing an allocator's settings; those it chose for
    this process, which a child would inherit, are taken away.
    """
    known = dict(os.environ)
    if side not in (PAPER, SYSTEM_FP32):
        return known
    chosen = [n for n in known if n.startswith("MALLOC_") or n in ("GLIBC_TUNABLES", "LD_PRELOAD")]
    for name in chosen:
        del known[name]
    return {**known, "REPCAT_ALLOCATOR": "system"}


class SideProcess:
    """A running side; used in a `with`, which ends it."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.process = subprocess.Popen(
            [sys.executable, "-m", "repcat", "bench", WORDS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(order.side),
            start_new_session=True,  # Ctrl-C is the starter's, which ends it
        )
        self._say(json.dumps(asdict(order)))

    def __enter__(self) -> SideProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.communicate()

    def ask(self, what: str) -> dict[str, Any]:
        """Let it `count` or `step`; returns what a turn of each player took, and its peak memory.

        Or {"refused": why}, where it cannot run here.

        Raises:
            RepcatError: where it has ended.
        """
        self._say(what)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise self._ended()
        found: dict[str, Any] = json.loads(line)
        return found

    def _say(self, line: str) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(f"{line}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None

    def _ended(self) -> RepcatError:
        code = self.process.wait()
        why = "killed, most likely for memory" if code < 0 else f"exit code {code}"
        msg = (
            f"the process that ran {self.order.case}, {self.order.side}, has ended ({why}); "
            "choose a smaller case by --cases, or a smaller --batch"
        )
        return RepcatError(msg, code="side-ended")


def serve() -> None:
    """Be a side: read an order, then do steps until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever prints must not answer
    lines = _lines()
    order = Order(**json.loads(lines.get()))
    work = None
    while True:
        what = lines.get()
        try:
            work = work or partial(_do, _built(order), order)
            found = work(what)
        except RepcatError as error:
            found = {"refused": str(error)}
        print(json.dumps(found), file=answers, flush=True)


def _lines() -> SimpleQueue[str]:
    """Return the lines of the input as they come; where it ends this process does, at once.

    However the starter ends, a step of minutes must not go on behind the next measurement.
    """
    lines: SimpleQueue[str] = SimpleQueue()

    def listen() -> None:
        for line in sys.stdin:
            lines.put(line.strip())
        os._exit(0)

    Thread(target=listen, daemon=True).start()
    return lines


def _built(order: Order) -> Any:  # noqa: ANN401  (a Stepping: torch is not imported yet)
    case = CASES[order.case]
    from repcat.bench.stepping import stepping

    return stepping(case, order.side, order.batch, order.on)


def _do(steps: Any, order: Order, what: str) -> dict[str, Any]:  # noqa: ANN401  (a Stepping)
    from repcat.bench.memory import peak_gb
    from repcat.bench.meter import gflop, seconds
    from repcat.bench.stepping import metered
    from repcat.bench.timing import finish

    with gflop() if what == COUNT else seconds(partial(finish, order.on)) as meter:
        return {"turns": metered(steps, meter), "memory_gb": peak_gb(order.on)}
