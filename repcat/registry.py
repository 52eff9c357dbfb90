"""Parts by name, and the plugins that bring them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from functools import cache
from importlib.metadata import EntryPoint, entry_points

import pluggy

from repcat.errors import PartError, PluginError
from repcat.hookspecs import Hooks
from repcat.options import nearest
from repcat.part import KINDS, Broken, Part, Registry
from repcat.promises import promised

GROUP = "repcat"


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
            _need_hook(manager)
            manager.hook.repcat_register(parts=self)
            self.plugins[plugin] = version

    @contextmanager
    def _all_or_none(self, plugin: str) -> Iterator[None]:
        before = {r.kind: dict(r.parts) for r in self.registries()}
        for registry in self.registries():
            registry.origin, registry.asked = plugin, []
        try:
            yield
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  (a stranger's code: set it aside, go on)
            for registry in self.registries():
                registry.parts = before[registry.kind]
            asked = {r.kind: tuple(r.asked) for r in self.registries()}
            self.broken.append(Broken(plugin, reason_of(error), asked))


def _need_hook(manager: pluggy.PluginManager) -> None:
    found = manager.hook.repcat_register.get_hookimpls()
    if not found:
        msg = "it has no function repcat_register(parts) marked with @repcat.hookimpl"
        raise PluginError(msg)
    if "parts" not in found[0].argnames:
        msg = "its repcat_register takes no argument; write repcat_register(parts)"
        raise PluginError(msg)


def reason_of(error: BaseException) -> str:
    """Say in one line what stopped a plugin."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {' '.join(lines)}" if lines else type(error).__name__


@cache
def load_parts() -> Parts:
    """Load every installed plugin, one by one; one that fails is set aside.

    What they print while loading goes to stderr, so that a command's own output stays whole.
    """
    parts = Parts()
    with redirect_stdout(sys.stderr):
        for entry in sorted(entry_points(group=GROUP), key=_order):
            load_entry_point(parts, entry)
    return parts


def _order(entry: EntryPoint) -> tuple[bool, str, str]:
    """Put repcat's own parts first, so that who takes one of their names is the one set aside."""
    owner = _owner(entry)
    return owner != "repcat", entry.name, owner


def load_entry_point(parts: Parts, entry: EntryPoint) -> None:
    """Import one plugin and let it register."""
    plugin = _owner(entry)
    try:
        module, version = entry.load(), entry.dist.version if entry.dist else "?"
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  (a stranger's code: set it aside, go on)
        parts.broken.append(Broken(plugin, reason_of(error), promised(entry)))
        return
    parts.load(plugin, version, module)


def _owner(entry: EntryPoint) -> str:
    """Return the distribution that an entry point belongs to, or its own name if none is told."""
    try:
        return (entry.dist.name if entry.dist else None) or entry.name
    except Exception:  # noqa: BLE001  (whatever damaged metadata raises)
        return entry.name


__all__ = [
    "GROUP",
    "KINDS",
    "Broken",
    "Part",
    "Parts",
    "Registry",
    "load_entry_point",
    "load_parts",
]
