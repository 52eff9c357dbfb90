"""Predicting: a network's forward by each engine that can run it here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor

from repcat.bench.cases import CASES, FP32
from repcat.bench.found import Found, Options
from repcat.bench.stepping import recipe_of
from repcat.bench.timing import Timing, Work, measure
from repcat.data.loader import PatientCache
from repcat.inference.engine.engine import Engine
from repcat.inference.engine.kinds import EAGER
from repcat.inference.engine.model import Model
from repcat.inference.engine.use import all_engines
from repcat.models.build import build_network, make_task, open_patients
from repcat.models.network import Network
from repcat.registry.plugins import load_parts
from repcat.types import Batch

TIMED = ("swin48", "quickstart")


def predict(options: Options) -> Found:
    """Time the forward of one patient, mapper included, weights as they are drawn.

    An engine that cannot be had here, or whose volumes are not eager's, is refused.
    """
    timings: list[Timing] = []
    refused: dict[str, str] = {}
    for name in TIMED:
        options.tell(f"{name}: engines are made and checked")
        timed, no = _of_case(name, options)
        timings += timed
        refused |= {f"{name}: {engine}": why for engine, why in no.items()}
    return Found(timings, options.on, refused=refused)


@torch.no_grad()
def _of_case(name: str, options: Options) -> tuple[list[Timing], dict[str, str]]:
    recipe = recipe_of(CASES[name], FP32, batch=1)
    patients = open_patients(recipe, load_parts())
    network = build_network(recipe, make_task(recipe, patients, load_parts()), load_parts())
    network.to(options.on).eval()
    batch = PatientCache(patients, recipe).batch(patients.ids("test")).to(options.on)
    with TemporaryDirectory() as home:
        read = network.mapper(batch)[:1]
        model = Model(network, (read,), options.on, False, weights="0" * 16, home=Path(home))
        runs: dict[str, Callable[[Tensor], Tensor]] = {EAGER: model.eager}
        found = all_engines(model)
        runs |= {n: e.volumes for n, e in found.items() if isinstance(e, Engine)}
        variants: dict[str, Work] = {
            f"{name}: {engine}": partial(_forward, network, run, batch)
            for engine, run in runs.items()
        }
        timings = measure(variants, {"patients": 1}, options.repeats, options.on)
    return timings, {n: why for n, why in found.items() if isinstance(why, str)}


@torch.no_grad()
def _forward(network: Network, engine: Callable[[Tensor], Tensor], batch: Batch) -> object:
    return engine(network.mapper(batch))
