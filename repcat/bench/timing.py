"""Variants timed in turn in one run: median, spread, ratio, memory, machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from repcat import device
from repcat.bench.memory import forget_peak, peak_gb
from repcat.runs.provenance import versions

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Timing:
    """One variant: seconds a call (median, least and most), calls, speed, memory.

    `ratio` says how many times as fast as the first variant it is: the median, least and most of
    the rounds' own ratios. `per_second` says how many of each unit a second did, such as turns and
    samples; `parts` the median seconds of what a call consists of; `gflop` the thousand million
    operations of one call, `share` what that is of the machine's measured ceiling. None: not known.
    """

    name: str
    seconds: float
    low: float
    high: float
    calls: int
    ratio: float
    ratio_low: float
    ratio_high: float
    memory_gb: float | None
    per_second: Mapping[str, float] = field(default_factory=dict)
    parts: Mapping[str, float] = field(default_factory=dict)
    gflop: float | None = None
    share: float | None = None


def measure(
    variants: Mapping[str, Work], units: Mapping[str, float], repeats: int = 5, on: str = "cpu"
) -> list[Timing]:
    """Time variants in turn, so that a busy spell hurts all alike; each warms up once.

    `units` says what one call does: {"views": 8}. Memory is the peak of the process (or of the
    CUDA device) during the variant's calls, what was held before them included.
    """
    for work in variants.values():
        work()
    finish(on)
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    memory: dict[str, float] = dict.fromkeys(variants, 0.0)
    for _ in range(repeats):
        for name, work in variants.items():
            forget_peak(on)
            begin = time.perf_counter()
            work()
            finish(on)
            seconds[name].append(time.perf_counter() - begin)
            memory[name] = max(memory[name], peak_gb(on))
    first = next(iter(seconds.values()))
    return [timing_of(n, times, first, memory[n], units) for n, times in seconds.items()]


def timing_of(
    name: str,
    times: Sequence[float],
    first: Sequence[float],
    memory_gb: float,
    units: Mapping[str, float],
) -> Timing:
    """Sum up a variant's seconds and those of the first variant, round by round."""
    ratios = [a / b for a, b in zip(first, times, strict=True)]
    middle = statistics.median(times)
    return Timing(
        name,
        middle,
        min(times),
        max(times),
        len(times),
        statistics.median(ratios),
        min(ratios),
        max(ratios),
        memory_gb,
        {unit: count / middle for unit, count in units.items()},
    )


def report(
    what: str, timings: list[Timing], on: str, refused: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Put timings, machine and versions together."""
    return {
        "what": what,
        "device": device.describe(on),
        "processor": device.processor(),
        "versions": versions(),
        "timings": [asdict(t) for t in timings],
        "refused": dict(refused or {}),
    }


def finish(on: str) -> None:
    """Wait until a CUDA device has done what it was given."""
    if on.startswith("cuda"):
        import torch

        torch.cuda.synchronize(on)
