"""Timing of engines: the same patient through each in turn."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from time import perf_counter

import torch

from repcat.inference.engine.engine import Function
from repcat.inference.engine.model import Model

ROUNDS = 3


def seconds_of(functions: Mapping[str, Function], model: Model) -> dict[str, float]:
    """Return the median seconds a patient of each function, measured in turn."""
    took: dict[str, list[float]] = {name: [] for name in functions}
    for number in range(ROUNDS):
        read = model.reads[number % len(model.reads)]
        for name, function in functions.items():
            took[name].append(seconds(function, read))
    return {name: median(each) for name, each in took.items()}


@torch.no_grad()
def seconds(function: Function, read: torch.Tensor) -> float:
    """Return the seconds of one call, a CUDA device's work included."""
    began = perf_counter()
    function(read)
    if read.is_cuda:
        torch.cuda.synchronize(read.device)
    return perf_counter() - began
