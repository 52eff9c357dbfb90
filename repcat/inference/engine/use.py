"""Use of an engine by its name, for so many patients of one model."""

from __future__ import annotations

from repcat.errors import RepcatError
from repcat.inference.engine.choice import Picked, pick
from repcat.inference.engine.engine import Engine
from repcat.inference.engine.kinds import AUTO, KINDS, kind_of
from repcat.inference.engine.make import make_engine
from repcat.inference.engine.model import Model


def find_engine(name: str, model: Model, patients: int) -> Picked:
    """Return the engine of a name, None for eager, and what there is to say.

    'auto' falls back to eager and says why; an engine that is named is had, or refused.

    Raises:
        RepcatError: where a named engine cannot be had here, or differs from eager.
    """
    if name == AUTO:
        return pick(model, patients)
    kind = kind_of(name)
    return make_engine(kind, model) if kind else (None, ())


def all_engines(model: Model) -> dict[str, Engine | str]:
    """Open every engine there is, to be measured; in its stead, why it cannot be had here."""
    found: dict[str, Engine | str] = {}
    for kind in KINDS.values():
        try:
            found[kind.name] = make_engine(kind, model)[0]
        except RepcatError as error:
            found[kind.name] = str(error)
    return found
