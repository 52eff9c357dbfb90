"""Training: whole steps of a recipe, in each precision."""

from __future__ import annotations

from functools import partial

from repcat.bench.against_paper import against_paper, check_rival
from repcat.bench.found import Found, Options
from repcat.bench.small_recipe import small_recipe
from repcat.bench.timing import Work, measure
from repcat.errors import TrainingError
from repcat.models.build import open_training
from repcat.registry.plugins import load_parts
from repcat.training.session import Session

PRECISIONS = ("fp32", "bf16")


def train(options: Options) -> Found:
    """Time whole steps of a recipe in fp32 and bf16, patients already in memory.

    With --set 'train.precision = ...' that one alone: then the memory is its own, too. With
    --against paper the released code's step beside it.
    """
    if options.against:
        check_rival(options.against)
        return against_paper(options)
    asked = " ".join(s for s in options.settings if s.startswith("train.precision"))
    sessions: dict[str, Session] = {}
    losses: dict[str, list[dict[str, float]]] = {}
    refused: dict[str, str] = {}
    for precision in [p for p in PRECISIONS if p in asked] or PRECISIONS:
        try:
            sessions[precision], first = _begun(options, precision)
        except TrainingError as error:
            if asked:
                raise
            refused[precision] = str(error)
        else:
            losses[precision] = [first]
    variants: dict[str, Work] = {p: partial(_step, s, losses[p]) for p, s in sessions.items()}
    timings = measure(variants, _units(sessions), options.repeats, options.on)
    return Found(timings, options.on, losses, refused)


def _units(sessions: dict[str, Session]) -> dict[str, float]:
    """Return what a step has: turns, and samples in all of them."""
    one = next(iter(sessions.values()))
    turns = one.loader.drawn
    return {"steps": 1, "turns": turns, "samples": turns * one.recipe.train.batch_size}


def _begun(options: Options, precision: str) -> tuple[Session, dict[str, float]]:
    """Build a session and take its first step; returns the losses of that."""
    settings = [*options.settings, f'train.precision = "{precision}"']
    recipe = small_recipe(settings, options.recipe)
    session = Session(recipe, open_training(recipe, load_parts()), load_parts(), options.on)
    return session, session.run_step()


def _step(session: Session, losses: list[dict[str, float]]) -> None:
    losses.append(session.run_step())
