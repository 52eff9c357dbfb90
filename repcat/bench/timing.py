"""Variants timed in turn in one run: median, spread, ratio, memory, machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from repcat import device
from repcat.runs.provenance import versions

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Timing:
    """One variant: seconds a call (median and quartiles), calls, ratio to the first, memory.

    `per_second` says how many of each unit a second did, such as turns and samples.
    """

    name: str
    seconds: float
    low: float
    high: float
    calls: int
    ratio: float
    memory_gb: float
    per_second: Mapping[str, float]


def measure(
    variants: Mapping[str, Work], units: Mapping[str, float], repeats: int = 5, on: str = "cpu"
) -> list[Timing]:
    """Time variants in turn, so that a busy spell hurts all alike; each warms up once.

    `units` says what one call does: {"views": 8}. Memory is the peak of the process (or of the
    CUDA device) during the variant's calls, what was held before them included.
    """
    for work in variants.values():
        work()
    _finish(on)
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    memory: dict[str, float] = dict.fromkeys(variants, 0.0)
    for _ in range(repeats):
        for name, work in variants.items():
            _forget_peak(on)
            begin = time.perf_counter()
            work()
            _finish(on)
            seconds[name].append(time.perf_counter() - begin)
            memory[name] = max(memory[name], _peak_gb(on))
    first = statistics.median(next(iter(seconds.values())))
    return [_timing(n, times, first, memory[n], units) for n, times in seconds.items()]


def report(what: str, timings: list[Timing], on: str) -> dict[str, Any]:
    """Put timings, machine and versions together."""
    return {
        "what": what,
        "device": device.describe(on),
        "versions": versions(),
        "timings": [asdict(t) for t in timings],
    }


def _timing(
    name: str, times: list[float], first: float, memory: float, units: Mapping[str, float]
) -> Timing:
    middle = statistics.median(times)
    low, _, high = statistics.quantiles(times, n=4) if len(times) > 1 else (middle,) * 3
    rates = {unit: count / middle for unit, count in units.items()}
    return Timing(name, middle, low, high, len(times), middle / first, memory, rates)


def _finish(on: str) -> None:
    if on.startswith("cuda"):
        torch.cuda.synchronize(on)


def _forget_peak(on: str) -> None:
    if on.startswith("cuda"):
        torch.cuda.reset_peak_memory_stats(on)
        return
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # Linux


def _peak_gb(on: str) -> float:
    """Return the most memory used since it was forgotten; ever, where the system cannot forget."""
    if not on.startswith("cuda"):
        with suppress(OSError):
            lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
            peak = next(line for line in lines if line.startswith("VmHWM"))
            return int(peak.split()[1]) * 1024 / 1e9
    return device.peak_memory_gb(on)
