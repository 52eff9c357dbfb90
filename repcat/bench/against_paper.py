"""repcat's training step beside the released code's, in turn, each in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from statistics import median

from repcat.bench.cases import BF16, Case, chosen
from repcat.bench.ceiling import highest
from repcat.bench.found import Found, Options
from repcat.bench.memory import check_measurable
from repcat.bench.side_process import COUNT, STEP, Order, SideProcess
from repcat.bench.timing import Timing, timing_of
from repcat.errors import RepcatError

RIVALS = ("paper",)


@dataclass(slots=True)
class Record:
    """What a side did: operations of a turn of each player, seconds of each round, peak memory."""

    gflop: dict[str, float]
    rounds: list[dict[str, float]] = field(default_factory=list)
    memory_gb: float = 0.0


def check_rival(name: str) -> None:
    """Raise RepcatError unless there is something of that name to measure against."""
    if name not in RIVALS:
        msg = f"--against {name}: there is {', '.join(RIVALS)} to measure against"
        raise RepcatError(msg, code="no-such-rival")


def against_paper(options: Options) -> Found:
    """Time each case's sides in turn, one step of one turn of each player a round.

    A step of the case is reckoned from it, 10 turns of the model and 1 of the potential: a turn of
    a player is like the next. The first step of a side is not timed, its operations are counted. A
    batch beside the case's own is for its memory: sides then run one after the other, each alone.
    """
    cases = chosen(options.cases)
    check_measurable(options.on)
    ceiling, not_here = highest(options.on)
    timings: list[Timing] = []
    refused: dict[str, str] = {}
    for case in cases:
        records, no = _records(case, options, not_here)
        refused |= {f"{case.name}: {side}": why for side, why in no.items()}
        timings += _timings(case, records, ceiling)
    return Found(timings, options.on, refused=refused)


def _records(
    case: Case, options: Options, not_here: Mapping[str, str]
) -> tuple[dict[str, Record], dict[str, str]]:
    """Run a case; returns each side's record, and why a side was refused."""
    alone = options.batch not in (0, case.batch)
    sides = [side for side in case.sides if side not in not_here]
    groups = [[side] for side in sides] if alone else [sides]
    records: dict[str, Record] = {}
    refused = dict(not_here)
    for group in groups:
        with ExitStack() as stack:
            running = {side: stack.enter_context(_start(case, side, options)) for side in group}
            _warm_up(running, records, refused, options)
            for number in range(options.repeats):
                options.tell(f"{case.name}: round {number + 1} of {options.repeats}")
                _round({s: p for s, p in running.items() if s in records}, records)
    return records, refused


def _start(case: Case, side: str, options: Options) -> SideProcess:
    return SideProcess(Order(case.name, side, options.batch or case.batch, options.on))


def _warm_up(
    running: dict[str, SideProcess],
    records: dict[str, Record],
    refused: dict[str, str],
    options: Options,
) -> None:
    for side, process in running.items():
        options.tell(f"{process.order.case}: {side} starts")
        found = process.ask(COUNT)
        if why := found.get("refused"):
            refused[side] = why
        else:
            records[side] = Record(found["turns"])


def _round(running: dict[str, SideProcess], records: dict[str, Record]) -> None:
    for side, process in running.items():
        found, record = process.ask(STEP), records[side]
        record.rounds.append(found["turns"])
        record.memory_gb = max(record.memory_gb, found["memory_gb"])


def _timings(case: Case, records: dict[str, Record], ceiling: dict[str, float]) -> list[Timing]:
    steps = {side: [case.step(r) for r in record.rounds] for side, record in records.items()}
    first: Sequence[float] = steps.get(case.sides[0], [])
    found = []
    for side, record in records.items():
        own = timing_of(
            f"{case.name}: {side}",
            steps[side],
            first or steps[side],
            record.memory_gb,
            {"steps": 1},
        )
        gflop = case.step(record.gflop)
        most = ceiling[BF16 if side == BF16 else "fp32"]
        parts = {player: median(r[player] for r in record.rounds) for player in record.gflop}
        share = gflop / own.seconds / most
        found.append(replace(own, gflop=gflop, share=share, parts=parts))
    return found
