"""Who takes steps in a comparison: repcat's own training, or the released one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from torch import nn

from repcat.bench.cases import PAPER, Case
from repcat.bench.meter import Meter
from repcat.config.load import read
from repcat.config.recipe import Recipe
from repcat.config.shipped import names
from repcat.data.loader import Loader, PatientCache, Stream
from repcat.models.build import make_projector, open_training
from repcat.registry.plugins import load_parts
from repcat.training.session import Session


class Stepping(Protocol):
    """What takes a step of one turn of each player."""

    def run_step(self, after: Callable[[str], None]) -> object:
        """Take it; `after` hears the player's name when a turn ends."""
        ...


class OwnStep:
    """A step of repcat as it trains, told apart into turns by its optimisers."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.after: Callable[[str], None] = lambda player: None
        for name, player in session.players.items():
            player.optimiser.register_step_post_hook(partial(self._stepped, name))

    def _stepped(self, name: str, *about: object) -> None:
        self.after(name)

    def run_step(self, after: Callable[[str], None]) -> object:
        """Take a step of the session."""
        self.after = after
        return self.session.run_step()


def stepping(case: Case, side: str, batch: int, on: str) -> Stepping:
    """Build a side of a case, its patients in memory."""
    recipe = recipe_of(case, side, batch)
    if side == PAPER:
        return _released(recipe, on)
    session = Session(recipe, open_training(recipe, load_parts()), load_parts(), on)
    _fill(session.cache)
    return OwnStep(session)


def recipe_of(case: Case, side: str, batch: int = 0) -> Recipe:
    """Read the recipe of a side; `batch` 0 is the case's own."""
    return read(names("recipe")[case.recipe], case.settings_of(side, batch), parts=load_parts())


def metered(steps: Stepping, meter: Meter) -> dict[str, float]:
    """Take a step and return what a turn of each player took of it."""
    meter.begin()
    steps.run_step(meter.turn_ends)
    meter.end()
    return meter.of_a_turn()


def _released(recipe: Recipe, on: str) -> Stepping:
    from repcat.bench.released.step import ReleasedStep

    cache = PatientCache(open_training(recipe, load_parts()), recipe, recipe.bank)
    _fill(cache)
    network = released_network(recipe)
    stream = Stream(cache, project=make_projector(recipe, load_parts()))
    return ReleasedStep(network, recipe.data.size, Loader(stream, 0, on), on)


def released_network(recipe: Recipe) -> nn.Module:
    """Build the plain form of a recipe's backbone, with new weights."""
    views, options = len(recipe.views), recipe.backbone.options
    if recipe.backbone.use == "unet3d":
        from repcat.bench.released.unet import PlainUNet3D

        return PlainUNet3D(views, options.get("width", 32))
    from repcat.bench.released.swin import plain_swin

    return plain_swin(views, options.get("feature_size", 48))


def _fill(cache: PatientCache) -> None:
    """Make every patient before the clock starts: phantoms are drawn when first asked for."""
    for patient in cache.patients.ids("train"):
        cache.pair(patient)
