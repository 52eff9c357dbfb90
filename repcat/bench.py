"""How fast the real code paths are: variants in turn, median and spread, memory, machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from repcat import device
from repcat.provenance import versions

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Timing:
    """One variant: seconds a call (median and quartiles), calls, ratio to the first, memory."""

    name: str
    seconds: float
    low: float
    high: float
    calls: int
    ratio: float
    memory_gb: float


def measure(variants: Mapping[str, Work], repeats: int = 5, on: str = "cpu") -> list[Timing]:
    """Time variants in turn, so that a busy spell hurts all alike; each warms up once."""
    for work in variants.values():
        work()
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    memory: dict[str, float] = dict.fromkeys(variants, 0.0)
    for _ in range(repeats):
        for name, work in variants.items():
            with _peak(on) as peak:
                begin = time.perf_counter()
                work()
                _finish(on)
                seconds[name].append(time.perf_counter() - begin)
            memory[name] = max(memory[name], peak[0])
    first = statistics.median(next(iter(seconds.values())))
    return [_timing(name, times, first, memory[name]) for name, times in seconds.items()]


def report(what: str, timings: list[Timing], on: str) -> dict[str, Any]:
    """Put timings, machine and versions together."""
    return {
        "what": what,
        "device": device.describe(on),
        "versions": versions(),
        "timings": [asdict(t) for t in timings],
    }


def _timing(name: str, times: list[float], first: float, memory: float) -> Timing:
    middle = statistics.median(times)
    low, _, high = statistics.quantiles(times, n=4) if len(times) > 1 else (middle,) * 3
    return Timing(name, middle, low, high, len(times), middle / first, memory)


def _finish(on: str) -> None:
    if on.startswith("cuda"):
        import torch

        torch.cuda.synchronize(on)


@contextmanager
def _peak(on: str) -> Iterator[list[float]]:
    """Give a list whose first item, afterwards, is the most memory used inside, in GB."""
    found = [0.0]
    if on.startswith("cuda"):
        import torch

        torch.cuda.reset_peak_memory_stats(on)
        yield found
        found[0] = torch.cuda.max_memory_allocated(on) / 1e9
        return
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # Linux: forget the peak
    yield found
    found[0] = _resident_peak_gb()


def _resident_peak_gb() -> float:
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return device.peak_memory_gb("cpu")
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e9
