"""Signatures: how a part of each kind is called, and whether a factory can be called so."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from repcat.errors import PluginError
from repcat.registry.options import annotations_of, keyword_parameters, wrong_defaults

# What repcat hands to a factory before the star; what comes after it is the recipe's.
GIVEN: dict[str, tuple[str, ...]] = {
    "datasets": ("request",),
    "mappers": ("task",),
    "backbones": ("source", "target"),
    "objectives": ("task",),
    "projectors": (),
    "metrics": (),
    "protocols": (),
}

# Keys of a recipe's table that are not the part's: an option of such a name could not be reached.
TAKEN: dict[str, tuple[str, ...]] = {
    "datasets": (  # as in config.schema.DataTable
        "use", "size", "views", "views_drawn", "views_scored", "window", "volume", "xray",
        "xray_full", "xray_bits", "projector", "cache_gb",
    ),
    "mappers": ("use",),
    "backbones": ("use",),
    "objectives": ("use", "optim"),
}  # fmt: skip


def call_of(kind: str, name: str) -> str:
    """Return how repcat calls a part: `bottleneck(source, target, *, <options>)`."""
    return f"{name}({', '.join((*GIVEN[kind], '*', '<options>'))})"


def check_signature(kind: str, name: str, factory: Callable[..., Any]) -> None:
    """Refuse a factory that could not be called, or whose options could not be shown or checked.

    Raises:
        PluginError: with the reason in one line.
    """
    part = f"{kind[:-1]} {name!r}"
    if not callable(factory):
        msg = f"{part} is {factory!r}, which cannot be called; give a function or a class"
        raise PluginError(msg, code="not-callable")
    try:
        parameters = list(inspect.signature(factory).parameters.values())
    except (TypeError, ValueError):
        msg = f"{part} has no signature that Python can read; give a function or a class"
        raise PluginError(msg, code="no-signature") from None
    problem = _shape_problem(kind, parameters) or _options_problem(kind, factory)
    if problem:
        msg = f"{part} {problem}; it is called {call_of(kind, name)}"
        raise PluginError(msg, code="wrong-signature")


def _shape_problem(kind: str, parameters: list[inspect.Parameter]) -> str:
    """Say what is wrong with the parameters before the star."""
    for p in parameters:
        if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            star = "*" * (1 + (p.kind is p.VAR_KEYWORD))
            return f"takes {star}{p.name}: name each option, or a recipe cannot be checked"
    given = GIVEN[kind]
    positional = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
    if len(positional) > len(given):
        extra = ", ".join(positional[len(given) :])
        return f"has {extra} before the star: options of the recipe come after it"
    if len(positional) < len(given):
        return f"takes {len(positional)} before the star, but is given {', '.join(given)}"
    return ""


def _options_problem(kind: str, factory: Callable[..., Any]) -> str:
    """Say what is wrong with the options after the star."""
    try:
        annotations_of(factory)
    except Exception as error:  # noqa: BLE001  (evaluating a stranger's annotations)
        return (
            f"has an annotation that cannot be read ({type(error).__name__}: {error}); import its "
            "names at the top of the file, not under TYPE_CHECKING"
        )
    for name in keyword_parameters(factory):
        if name in TAKEN.get(kind, ()):
            return f"has an option {name!r}, which a recipe takes for its own: rename it"
    return "; ".join(wrong_defaults(factory))
