"""Measure the paper's recipe at its true size on a GPU, in fp32 and bf16: ten minutes at most.

    python docs/benchmarks/gpu.py --json gpu.json

64^3, batch 8, width 48, 10 turns of the network and one of the potential a step. For each precision
it tells turns a second, peak memory, the losses of every step, the share of the card's own measured
ceiling, and how often the host waited for the card in a step. The same on a CPU, at toy size:

    python docs/benchmarks/gpu.py --device cpu --steps 2 --set 'backbone.feature_size = 12' \
      --set 'objective.inner_steps = 1' --set 'train.batch_size = 1'
"""

from __future__ import annotations

import argparse
import gc
import json
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from repcat import device as devices
from repcat.bench.ceiling import highest
from repcat.bench.memory import forget_peak, peak_gb
from repcat.bench.meter import gflop
from repcat.bench.small_recipe import small_recipe
from repcat.bench.timing import finish
from repcat.config.shipped import names
from repcat.errors import TrainingError
from repcat.models.build import open_patients
from repcat.registry.plugins import load_parts
from repcat.runs.provenance import versions
from repcat.training.session import Session

DATA = 'data = {use = "phantoms", size = 64, train = 16, validation = 1, test = 1}'
MOST_SECONDS = 240.0  # of a precision's timed steps
SYNCHRONISED = "called a synchronizing CUDA operation"


def measure(precision: str, asked: argparse.Namespace, on: str) -> dict[str, Any]:
    """Train some steps in one precision; two are not timed, the second of them counts."""
    settings = [DATA, *asked.settings, f'train.precision = "{precision}"']
    recipe = small_recipe(settings, names("recipe")[asked.recipe])
    session = Session(recipe, open_patients(recipe, load_parts()), load_parts(), on)
    forget_peak(on)
    losses = [session.run_step()]
    turns = session.loader.drawn
    with gflop() as meter:
        losses.append(session.run_step())
        operations = meter.read()
    seconds, waits = _timed(session, asked.steps, losses, on)
    return {
        "steps": len(seconds),
        "turns_per_second": turns * len(seconds) / sum(seconds),
        "seconds_per_step": sum(seconds) / len(seconds),
        "gflop_per_step": operations,
        "gflop_per_second": operations * len(seconds) / sum(seconds),
        "memory_gb": peak_gb(on),
        "host_waits_per_step": waits,
        "losses": losses,
    }


def _timed(
    session: Session, steps: int, losses: list[dict[str, float]], on: str
) -> tuple[list[float], float | None]:
    """Take steps until there are enough or the time is over; returns seconds, waits a step."""
    seconds: list[float] = []
    with _host_waits(on) as caught:
        while len(seconds) < steps and sum(seconds) < MOST_SECONDS:
            begin = time.perf_counter()
            losses.append(session.run_step())
            finish(on)  # waits by other means than those that are counted
            seconds.append(time.perf_counter() - begin)
        found = sum(SYNCHRONISED in str(warning.message) for warning in caught)
    return seconds, found / len(seconds) if on.startswith("cuda") else None


@contextmanager
def _host_waits(on: str) -> Iterator[list[warnings.WarningMessage]]:
    """Give the warnings of operations after which the host waited for the card."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if on.startswith("cuda"):
            torch.cuda.set_sync_debug_mode("warn")
        try:
            yield caught
        finally:
            if on.startswith("cuda"):
                torch.cuda.set_sync_debug_mode("default")


def compare(asked: argparse.Namespace) -> dict[str, Any]:
    """Measure both precisions and the ceiling, one after the other."""
    on = devices.choose(asked.device)
    most, refused = highest(on)
    found: dict[str, Any] = {name: {"refused": why} for name, why in refused.items()}
    for precision in most:
        try:
            found[precision] = measure(precision, asked, on)
        except TrainingError as error:
            found[precision] = {"refused": str(error)}
            continue
        found[precision]["share_of_ceiling"] = (
            found[precision]["gflop_per_second"] / most[precision]
        )
        gc.collect()
        if on.startswith("cuda"):
            torch.cuda.empty_cache()
    about = {"device": devices.describe(on), "versions": versions(), "recipe": asked.recipe}
    return {**about, "settings": asked.settings, "ceiling_gflop_per_second": most, **found}


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print, or write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--recipe", default="swin_ot", help="a recipe that repcat brings")
    parser.add_argument("--steps", type=int, default=20, help="timed steps of each precision")
    parser.add_argument("--set", dest="settings", action="append", default=[], help="as repcat's")
    parser.add_argument("--json", type=Path, help="where to write it")
    asked = parser.parse_args(words)
    text = json.dumps(compare(asked), indent=1)
    if asked.json:
        asked.json.write_text(text + "\n", encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
