"""Registry of one kind of part: factories by name, each with the distribution it came from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from repcat.errors import PartError, PluginError, shown
from repcat.registry.options import check_options, nearest
from repcat.registry.signature import GIVEN, check_signature

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
            raise PluginError(msg, code="not-a-part-name")
        self.asked.append(name)
        check_signature(self.kind, name, factory)
        if name in self.parts:
            msg = (
                f"two {self.kind} are called {name!r}: one from {self.parts[name].origin}, "
                f"one from {self.origin}; uninstall or rename one"
            )
            raise PluginError(msg, code="name-taken")
        self.parts[name] = Part(name, factory, self.origin)

    def get(self, name: str) -> Part:
        """Return a part by name."""
        if name in self.parts:
            return self.parts[name]
        msg = f"no {self.kind[:-1]} is called {shown(name)}{self._missed(name)}"
        raise PartError(msg, code="no-such-part")

    def make(self, name: str, given: Mapping[str, Any] = MappingProxyType({})) -> Any:  # noqa: ANN401
        """Build a part that repcat hands nothing to; options not given are at their defaults."""
        factory = self.get(name).factory
        options, problems = check_options(factory, given, f"{self.kind[:-1]} {name!r}")
        if problems:
            raise PartError("; ".join(problems), code="wrong-options")
        return factory(**options)

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
