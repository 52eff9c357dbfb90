"""Predicting: a network's forward by each engine that can run it here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from repcat.bench.cases import CASES, FP32
from repcat.bench.found import Found, Options
from repcat.bench.stepping import recipe_of
from repcat.bench.timing import Timing, Work, measure
from repcat.data.loader import PatientCache
from repcat.models.build import build_network, make_task, open_patients
from repcat.registry.plugins import load_parts
from repcat.types import Batch

TIMED = ("swin48", "quickstart")
Engine = Callable[[Tensor], Tensor]


def engines(backbone: nn.Module, x: Tensor) -> dict[str, Engine]:
    """Return what turns a mapper's output into volumes, by name; the first is compared with."""
    del x
    return {"eager": backbone}


def predict(options: Options) -> Found:
    """Time the forward of one patient, mapper included, weights as they are drawn."""
    timings: list[Timing] = []
    for name in TIMED:
        timings += _of_case(name, options)
    return Found(timings, options.on)


@torch.no_grad()
def _of_case(name: str, options: Options) -> list[Timing]:
    recipe = recipe_of(CASES[name], FP32, batch=1)
    patients = open_patients(recipe, load_parts())
    network = build_network(recipe, make_task(recipe, patients, load_parts()), load_parts())
    network.to(options.on).eval()
    batch = PatientCache(patients, recipe).batch(patients.ids("test")).to(options.on)
    found = engines(network.backbone, network.mapper(batch))
    variants: dict[str, Work] = {
        f"{name}: {engine}": partial(_forward, network.mapper, run, batch)
        for engine, run in found.items()
    }
    return measure(variants, {"patients": 1}, options.repeats, options.on)


@torch.no_grad()
def _forward(mapper: nn.Module, engine: Engine, batch: Batch) -> object:
    return engine(mapper(batch))
