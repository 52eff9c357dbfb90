"""Predictor: a trained run's network, and the volumes in HU that it predicts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from repcat.config.recipe import Recipe
from repcat.errors import RunError
from repcat.inference.engine.engine import Engine
from repcat.inference.engine.kinds import EAGER
from repcat.inference.engine.model import Model
from repcat.inference.engine.use import find_engine
from repcat.models.build import build_network, make_task
from repcat.models.ema import use_average
from repcat.models.network import BOUNDS, Network
from repcat.registry.parts import Parts
from repcat.runs.checkpoint import PREDICTING, State
from repcat.runs.opened import OpenRun
from repcat.types import Batch, Task


@dataclass(frozen=True, slots=True)
class Predictor:
    """A network that is ready: which weights it has, and at which step they were saved."""

    network: Network
    recipe: Recipe
    device: str
    step: int
    averaged: bool
    engine: Engine | None = None

    def volume(self, batch: Batch) -> Tensor:
        """Predict volumes (B, D, H, W) in HU, clipped to the recipe's window.

        A model trained with data.volume = 'minmax' knows no HU; its [0, 1] is read by the window.
        """
        return self.reading(batch)[:, 0]

    @torch.no_grad()
    def reading(self, batch: Batch) -> Tensor:
        """Predict (B, C, D, H, W) in HU: the volume and, of a run with quantiles, both of them."""
        batch = batch.to(self.device)
        if self.engine:
            unit = self.engine.volumes(self.network.mapper(batch))
        else:
            with torch.autocast(self.device.split(":")[0], torch.bfloat16, self.half):
                found = self.network(batch)
            bounds = [found.branches[name] for name in BOUNDS if self.network.bounded]
            unit = torch.cat((found.volume, *bounds), dim=1)
        return self.recipe.window.to_hu(unit.float().clamp(0, 1)).cpu()

    @property
    def half(self) -> bool:
        """Whether eager computes in bf16; engines say by their name what they compute in."""
        return self.recipe.train.precision == "bf16"

    @property
    def made_by(self) -> str:
        """The engine with its version, as records keep it."""
        return self.engine.label if self.engine else EAGER

    @torch.no_grad()
    def using(self, engine: str, batch: Batch, home: Path, weights: str, count: int) -> Using:
        """Return a predictor by an engine for `count` patients, and what there is to say of it.

        It is checked on the patients of `batch` and kept in `home` under the hash of the weights.

        Raises:
            RepcatError: where the engine cannot be had here, or differs from eager.
        """
        if engine == EAGER:
            return self, ()
        reads = self.network.mapper(batch.to(self.device)).split(1)
        model = Model(self.network, reads, self.device, self.half, weights, home)
        found, told = find_engine(engine, model, count)
        return replace(self, engine=found), told


Using = tuple[Predictor, tuple[str, ...]]


def load_predictor(opened: OpenRun, device: str, step: int | None = None) -> Predictor:
    """Load a run's network with its averaged weights where it has any."""
    task = make_task(opened.recipe, opened.patients, opened.parts)
    state = opened.run.load(step, PREDICTING)
    return fill_predictor(opened.run.path, state, opened.recipe, task, opened.parts, device)


def fill_predictor(
    path: Path, state: State, recipe: Recipe, task: Task, parts: Parts, device: str
) -> Predictor:
    """Build a recipe's network for a task and fill it with the weights of a state."""
    network = build_network(recipe, task, parts)
    average = state.tensors.get("average")
    try:
        network.load_state_dict(state.tensors["model"])
        if average:
            use_average(network, average)
    except (KeyError, RuntimeError):
        msg = (
            f"the checkpoint of step {state.values.get('step')} in {path} does not fit its "
            "recipe.toml: one of the two is from another run; train again or restore the pair"
        )
        raise RunError(msg, code="other-weights") from None
    network.to(device).eval()
    return Predictor(network, recipe, device, int(state.values["step"]), average is not None)
