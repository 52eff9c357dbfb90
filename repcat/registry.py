"""Parts by name, and the plugins that bring them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from repcat.errors import PartError, PluginError
from repcat.hookspecs import Hooks
from repcat.options import nearest

GROUP = "repcat"
KINDS = ("datasets", "mappers", "backbones", "objectives", "projectors", "metrics")


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

    def add(self, name: str, factory: Callable[..., Any]) -> None:
        """Register a part; a name that is taken is refused, naming both owners."""
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
        known = nearest(name, self.parts) if self.parts else "; there are none"
        msg = f"no {self.kind[:-1]} is called {name!r}{known}"
        if self.broken:
            hurt = ", ".join(f"{b.plugin} ({b.reason})" for b in self.broken)
            msg += f"; plugins that could not be loaded: {hurt}"
        raise PartError(msg)

    def names(self) -> list[str]:
        """Return the names in alphabetical order."""
        return sorted(self.parts)


@dataclass(frozen=True, slots=True)
class Broken:
    """A plugin that was set aside, and why."""

    plugin: str
    reason: str


class Parts:
    """All registries: datasets, mappers, backbones, objectives, projectors, metrics."""

    def __init__(self) -> None:
        self.broken: list[Broken] = []
        self.plugins: dict[str, str] = {}
        self.datasets = Registry("datasets", broken=self.broken)
        self.mappers = Registry("mappers", broken=self.broken)
        self.backbones = Registry("backbones", broken=self.broken)
        self.objectives = Registry("objectives", broken=self.broken)
        self.projectors = Registry("projectors", broken=self.broken)
        self.metrics = Registry("metrics", broken=self.broken)

    def registry(self, kind: str) -> Registry:
        """Return a registry by its name, singular or plural."""
        plural = kind if kind.endswith("s") else f"{kind}s"
        if plural not in KINDS:
            msg = f"there is no kind of part called {kind!r}{nearest(plural, KINDS)}"
            raise PartError(msg)
        found: Registry = getattr(self, plural)
        return found

    def registries(self) -> Iterator[Registry]:
        """Yield every registry."""
        for kind in KINDS:
            yield getattr(self, kind)

    def load(self, plugin: str, version: str, module: object) -> None:
        """Let one plugin register its parts, all or none."""
        manager = pluggy.PluginManager(GROUP)
        manager.add_hookspecs(Hooks)
        with self._all_or_none(plugin):
            manager.register(module, plugin)
            manager.check_pending()
            manager.hook.repcat_register(parts=self)
            self.plugins[plugin] = version

    @contextmanager
    def _all_or_none(self, plugin: str) -> Iterator[None]:
        before = {r.kind: dict(r.parts) for r in self.registries()}
        for registry in self.registries():
            registry.origin = plugin
        try:
            yield
        except Exception as error:  # noqa: BLE001  (a stranger's code: set it aside, go on)
            for registry in self.registries():
                registry.parts = before[registry.kind]
            self.broken.append(Broken(plugin, f"{type(error).__name__}: {error}"))


@cache
def load_parts() -> Parts:
    """Load every installed plugin, one by one; one that fails is set aside."""
    parts = Parts()
    for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name):
        load_entry_point(parts, entry)
    return parts


def load_entry_point(parts: Parts, entry: EntryPoint) -> None:
    """Import one plugin and let it register."""
    plugin = entry.dist.name if entry.dist else entry.name
    try:
        module = entry.load()
    except Exception as error:  # noqa: BLE001  (a stranger's code: set it aside, go on)
        parts.broken.append(Broken(plugin, f"{type(error).__name__}: {error}"))
        return
    parts.load(plugin, entry.dist.version if entry.dist else "?", module)
