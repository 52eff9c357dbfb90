"""Precision `auto`: bf16 where this machine trains a recipe's network faster in it, else fp32.

Measured once for a network, a size, a device and its threads, and kept in the user's cache; the
run's recipe holds what it came to, so that a resumed run computes as it began.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch

from repcat import device as devices
from repcat.config.recipe import Recipe
from repcat.contracts import Patients
from repcat.data.loader import PatientCache, Stream
from repcat.errors import RepcatError
from repcat.io.json_record import read_json_record, write_json_record
from repcat.models.build import build_network, make_task
from repcat.registry.parts import Parts
from repcat.training.bf16_layers import guard_bf16

AUTO = "auto"
GAIN = 1.1  # what is faster by less is not worth other bits
ROUNDS = 3
"""Timed passes in each precision, in turn, after one that is not; the fastest counts."""
Precision = Literal["fp32", "bf16"]


@dataclass(frozen=True, slots=True)
class PassTimes:
    """Seconds of a forward and a backward pass of a network, in each precision."""

    fp32: float
    bf16: float

    def __str__(self) -> str:
        return f"forward and backward take {self.fp32:.3g} s in fp32, {self.bf16:.3g} s in bf16"

    @property
    def faster(self) -> Precision:
        """The precision that is faster by enough to be worth other bits, else fp32."""
        return "bf16" if self.bf16 * GAIN < self.fp32 else "fp32"


def settle(recipe: Recipe, patients: Patients, parts: Parts, device: str) -> tuple[Recipe, str]:
    """Return the recipe with a precision in the place of `auto`, and why; as it is where it has."""
    if recipe.train.precision != AUTO:
        return recipe, ""
    if not is_in_hardware(device):
        return with_precision(recipe, "fp32"), "fp32, as bf16 is not computed in hardware here"
    file = _file(recipe, device)
    times = _read(file)
    if times is None:
        times = time_passes(recipe, patients, parts, device)
        with suppress(OSError, RepcatError):  # a home that cannot be written: it is measured again
            file.parent.mkdir(parents=True, exist_ok=True)
            write_json_record(file, times)
    return with_precision(recipe, times.faster), f"{times.faster}: {times}"


def with_precision(recipe: Recipe, precision: Precision | Literal["auto"]) -> Recipe:
    """Return the recipe with another train.precision."""
    return replace(recipe, train=replace(recipe.train, precision=precision))


def is_in_hardware(device: str) -> bool:
    """Whether a device computes bf16 itself; emulated it is slower than fp32 by far."""
    if device == "cpu":
        return devices.half_precision_on_cpu()
    return bool(torch.cuda.is_bf16_supported(including_emulation=False))


def time_passes(recipe: Recipe, patients: Patients, parts: Parts, device: str) -> PassTimes:
    """Measure a forward and a backward pass of the network on a training batch, in turn."""
    task = make_task(recipe, patients, parts)
    network = build_network(recipe, task, parts).to(device).train()
    guard_bf16(network)
    cache = PatientCache(patients, recipe, recipe.bank)
    batch = Stream(cache, project=task.projector)[0].to(device)
    times: dict[str, list[float]] = {"fp32": [], "bf16": []}
    for _ in range(1 + ROUNDS):
        for name in times:
            began = time.perf_counter()
            with torch.autocast(device.split(":")[0], torch.bfloat16, name == "bf16"):
                volume = network(batch).volume
            volume.float().square().mean().backward()
            if device != "cpu":
                torch.cuda.synchronize(device)
            times[name].append(time.perf_counter() - began)
    return PassTimes(**{name: min(each[1:]) for name, each in times.items()})


def cache_folder() -> Path:
    """Return where repcat keeps what it measured of this machine."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "repcat"


def _file(recipe: Recipe, device: str) -> Path:
    """Return the file of what decides the time: network, size, batch, machine, torch."""
    tables = recipe.to_tables()
    what = [tables[name] for name in ("mapper", "backbone", "data")]
    where = [devices.processor() if device == "cpu" else "", devices.describe(device)]
    told = json.dumps([what, recipe.train.batch_size, where, torch.__version__], default=str)
    return cache_folder() / f"precision-{hashlib.sha256(told.encode()).hexdigest()[:16]}.json"


def _read(file: Path) -> PassTimes | None:
    """Read what was measured before; None where there is nothing that can be read."""
    found = read_json_record(PassTimes, file)
    numbers = [found.fp32, found.bf16] if found else []
    return found if found and all(isinstance(n, float) and n > 0 for n in numbers) else None
