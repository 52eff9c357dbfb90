"""Registry of one kind of part, and how a factory of each kind is called."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from repcat.errors import PartError, PluginError
from repcat.registry.options import annotations_of, keyword_parameters, nearest, wrong_defaults

# What repcat hands to a factory before the star; what comes after it is the recipe's.
GIVEN: dict[str, tuple[str, ...]] = {
    "datasets": ("request",),
    "mappers": ("task",),
    "backbones": ("source", "target"),
    "objectives": ("task",),
    "projectors": (),
    "metrics": (),
}

# Keys of a recipe's table that are not the part's: an option of such a name could not be reached.
TAKEN: dict[str, tuple[str, ...]] = {
    "datasets": (
        "use",
        "size",
        "views",
        "views_drawn",
        "window",
        "volume",
        "xray",
        "xray_full",
        "xray_bits",
        "projector",
        "cache_gb",
    ),  # as in config.schema.DataTable
    "mappers": ("use",),
    "backbones": ("use",),
    "objectives": ("use", "optim"),
}


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
        raise PluginError(msg)
    try:
        parameters = list(inspect.signature(factory).parameters.values())
    except (TypeError, ValueError):
        msg = f"{part} has no signature that Python can read; give a function or a class"
        raise PluginError(msg) from None
    problem = _shape_problem(kind, parameters) or _options_problem(kind, factory)
    if problem:
        msg = f"{part} {problem}; it is called {call_of(kind, name)}"
        raise PluginError(msg)


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


KINDS = tuple(GIVEN)


@dataclass(frozen=True, slots=True)
class Part:
    """A factory, the name a recipe knows it by, and the distribution it came from."""

    name: str
    factory: Callable[..., Any]
    origin: str

    @property
    def summary(self) -> str:
        """First line of the docstring."""
        return (self.factory.__doc__ or "").strip().partition("\n")[0]


@dataclass(slots=True)
class Registry:
    """Parts of one kind."""

    kind: str
    parts: dict[str, Part] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)
    origin: str = "?"
    asked: list[str] = field(default_factory=list)

    def add(self, name: str, factory: Callable[..., Any]) -> None:
        """Register a part.

        Raises:
            PluginError: when the name is taken, naming both owners, or when the factory cannot be
                called as a part of this kind is.
        """
        if not (isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name)):
            msg = f"{name!r} is no name for a part: use letters, digits and _"
            raise PluginError(msg)
        self.asked.append(name)
        check_signature(self.kind, name, factory)
        if name in self.parts:
            msg = (
                f"two {self.kind} are called {name!r}: one from {self.parts[name].origin}, "
                f"one from {self.origin}; uninstall or rename one"
            )
            raise PluginError(msg)
        self.parts[name] = Part(name, factory, self.origin)

    def get(self, name: str) -> Part:
        """Return a part by name."""
        if name in self.parts:
            return self.parts[name]
        msg = f"no {self.kind[:-1]} is called {name!r}{self._missed(name)}"
        raise PartError(msg)

    def _missed(self, name: str) -> str:
        """Say which plugin that was set aside would have brought a part, or which there are."""
        owners = [b for b in self.broken if name in b.parts.get(self.kind, ())]
        hurt = ", ".join(f"{b.plugin} ({b.reason})" for b in owners or self.broken)
        if owners:
            return f"; it would have come from a plugin that could not be loaded: {hurt}"
        near = nearest(name, self.parts) if self.parts else "; there are none"
        near += f"; plugins that could not be loaded: {hurt}" if hurt else ""
        return near if near.endswith("?") else f"{near}; docs/messages.md#no-such-part"

    def names(self) -> list[str]:
        """Return the names in alphabetical order."""
        return sorted(self.parts)


@dataclass(frozen=True, slots=True)
class Broken:
    """A plugin that was set aside, why, and the parts by kind that it is known to have had."""

    plugin: str
    reason: str
    parts: dict[str, tuple[str, ...]] = field(default_factory=dict)
