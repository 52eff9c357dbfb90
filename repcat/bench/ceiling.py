"""The ceiling of a machine: how fast torch convolves, multiplies matrices and copies, at best."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import torch
from torch.nn import functional as F

from repcat.bench.found import Found, Options
from repcat.bench.timing import Timing, Work, measure
from repcat.training.auto_precision import is_in_hardware

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
# Channels and sides at which a network of 64^3 does most of its work.
MAPS = ((64, 32), (128, 32), (256, 16))
MATRIX = 2048
COPIED_GB = 2**28 / 1e9
GFLOP, GB = "GFLOP", "GB"


def ceiling(options: Options) -> Found:
    """Time convolutions 3^3, a product of matrices and a copy, each in fp32 and bf16."""
    timings: list[Timing] = []
    refused = refused_precisions(options.on)
    dtypes = {name: dtype for name, dtype in DTYPES.items() if name not in refused}
    for what, make, units in _works():
        works: dict[str, Work] = {f"{what} {n}": make(t, options.on) for n, t in dtypes.items()}
        timings += measure(works, units, options.repeats, options.on)
    return Found(timings, options.on, refused=refused)


def refused_precisions(on: str) -> dict[str, str]:
    """Say why bf16 is not to be timed, where a device only emulates it."""
    if is_in_hardware(on):
        return {}
    return {"bf16": "not computed in hardware here, only emulated: it can be no faster than fp32"}


def _works() -> Iterator[tuple[str, Callable[[torch.dtype, str], Work], dict[str, float]]]:
    """Yield what is done, what makes it ready in a precision on a device, and how much it is."""
    for channels, side in MAPS:
        operations = 2 * 27 * channels**2 * side**3 / 1e9
        make = partial(_convolve, channels, side)
        yield f"convolution, {channels} channels at {side}^3,", make, {GFLOP: operations}
    yield f"product of {MATRIX}^2 matrices,", _multiply, {GFLOP: 2 * MATRIX**3 / 1e9}
    yield "copy,", _copy, {GB: 2 * COPIED_GB}  # read and written


def highest(on: str = "cpu", repeats: int = 3) -> tuple[dict[str, float], dict[str, str]]:
    """Return the most GFLOP/s of any convolution or product by precision, and what is refused."""
    found = ceiling(Options(on, repeats))
    most = {name: most_of(name, found.timings) for name in DTYPES if name not in found.refused}
    return most, dict(found.refused)


def most_of(precision: str, timings: Iterable[Timing]) -> float:
    """Return the GFLOP/s of the fastest call of those timed in a precision."""
    own = (t for t in timings if t.name.endswith(precision) and GFLOP in t.per_second)
    return max(t.per_second[GFLOP] * t.seconds / t.low for t in own)


def _convolve(channels: int, side: int, dtype: torch.dtype, on: str) -> Work:
    x = torch.randn(1, channels, side, side, side, device=on, dtype=dtype)
    weight = torch.randn(channels, channels, 3, 3, 3, device=on, dtype=dtype)
    return lambda: F.conv3d(x, weight, padding=1)


def _multiply(dtype: torch.dtype, on: str) -> Work:
    a, b = (torch.randn(MATRIX, MATRIX, device=on, dtype=dtype) for _ in range(2))
    return lambda: a @ b


def _copy(dtype: torch.dtype, on: str) -> Work:
    numbers = int(COPIED_GB * 1e9) // dtype.itemsize
    a, b = (torch.zeros(numbers, device=on, dtype=dtype) for _ in range(2))
    return lambda: a.copy_(b)
