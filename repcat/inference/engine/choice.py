"""Choice of an engine: the fastest on this machine, measured once, where it pays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import torch

from repcat import device
from repcat.errors import DataError, RepcatError
from repcat.inference.engine.engine import Engine
from repcat.inference.engine.kinds import EAGER, KINDS, Kind, candidates
from repcat.inference.engine.make import make_engine
from repcat.inference.engine.model import Model
from repcat.inference.engine.store import Store
from repcat.inference.engine.timing import seconds, seconds_of
from repcat.io.json_record import read_json_record, write_json_record

GAIN = 1.1  # what is faster by less is not worth other bits
# Export, opening and check, on two cores: a U-Net of 60 layers took 9 s, Swin UNETR of 175 layers
# 98 s. Cautious for the smaller.
MAKING_S, MAKING_S_A_LAYER = 2.0, 0.5
LIKELY_GAIN = 2.0
Picked = tuple[Engine | None, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Choice:
    """What was measured on a machine: seconds a patient by engine, those refused with the reason.

    `made_s` are the seconds that making and measuring took; `tried` the candidates' labels.
    """

    machine: str
    tried: list[str]
    chosen: str
    seconds: dict[str, float]
    made_s: float
    refused: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        eager = self.seconds[EAGER]
        if self.chosen == EAGER:
            why = "; ".join(dict.fromkeys(self.refused.values()))
            return f"engine auto: eager, {eager:.3g} s a patient; {why or 'no other is faster'}"
        ours = self.seconds[self.chosen]
        pays = math.ceil(self.made_s / (eager - ours))
        return (
            f"engine auto: {self.chosen}, {ours:.3g} s a patient where eager takes {eager:.3g}; "
            f"choosing took {self.made_s:.0f} s once, which pays from {pays} patients"
        )

    @classmethod
    def read(cls, file: Path, machine: str, kinds: Sequence[Kind]) -> Choice | None:
        """Read what was chosen on this machine among these kinds; None where nothing was."""
        found = read_json_record(cls, file)
        if found is None or (found.machine, found.tried) != (machine, [k.label for k in kinds]):
            return None
        numbers = [found.made_s, *found.seconds.values()]
        known = found.chosen in found.seconds and EAGER in found.seconds
        return found if known and all(isinstance(n, float) and n > 0 for n in numbers) else None


def pick(model: Model, patients: int) -> Picked:
    """Return the fastest engine, None for eager, and what there is to say of it.

    What was chosen before is taken at once; else engines are made and measured where that pays for
    so many patients.
    """
    kinds = candidates(model.device)
    file = Store(model).choice
    known = Choice.read(file, _machine(model), kinds)
    if known and (found := _kept(known, model)):
        return found
    if not kinds:
        lack = "no other is installed here (pip install 'repcat[openvino]')"
        return None, (f"engine auto: eager; {lack}",)
    if few := _too_few(model, patients):
        return None, (few,)
    return _measured(model, kinds, file)


def _kept(known: Choice, model: Model) -> Picked | None:
    """Open what was chosen; None where it is not kept as it was made."""
    if known.chosen == EAGER:
        return None, (str(known),)
    kind = KINDS.get(known.chosen)
    if kind is None or Store(model).fault(kind) is not None:
        return None
    with suppress(RepcatError):
        return make_engine(kind, model)[0], (str(known),)
    return None


def _too_few(model: Model, patients: int) -> str:
    """Say that engines would cost more than they save; empty where they may pay."""
    took = min(seconds(model.eager, model.reads[0]) for _ in range(2))
    layers = sum(not list(layer.children()) for layer in model.backbone.modules())
    cost = MAKING_S + MAKING_S_A_LAYER * layers
    pays = math.ceil(cost / (took * (1 - 1 / LIKELY_GAIN)))
    if patients >= pays:
        return ""
    return (
        f"engine auto: eager; making and measuring others takes about {cost:.0f} s, which pays "
        f"from about {pays} patients, and here {'is' if patients == 1 else 'are'} {patients}"
    )


def _measured(model: Model, kinds: Sequence[Kind], file: Path) -> Picked:
    """Make each engine, measure those that equal eager, and keep the choice."""
    began = perf_counter()
    made: dict[str, Engine] = {}
    refused, told = dict[str, str](), list[str]()
    for kind in kinds:
        try:
            made[kind.name], notes = make_engine(kind, model)
            told += notes
        except RepcatError as error:
            refused[kind.name] = str(error).partition("; ")[0]
            if error.code == "not-traceable":  # nor for the others
                break
    functions = {EAGER: model.eager, **{name: engine.run for name, engine in made.items()}}
    took = seconds_of(functions, model)
    best = min(took, key=took.__getitem__)
    chosen = best if took[EAGER] > GAIN * took[best] else EAGER
    tried = [kind.label for kind in kinds]
    choice = Choice(_machine(model), tried, chosen, took, perf_counter() - began, refused)
    with suppress(DataError):  # a run that may only be read
        write_json_record(file, choice)
    return made.get(chosen), (*told, str(choice))


def _machine(model: Model) -> str:
    """Name what the choice holds for."""
    return f"{device.processor()}; {device.describe(model.device)}; torch {torch.__version__}"
