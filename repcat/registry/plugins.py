"""Plugins: found by entry point, loaded one by one, set aside where they fail."""

from __future__ import annotations

import re
import sys
import traceback
from contextlib import redirect_stdout
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

import pluggy

import repcat
from repcat.errors import PluginError, Stopped
from repcat.registry.hookspecs import Hooks
from repcat.registry.parts import Parts
from repcat.registry.registry import Broken

GROUP = "repcat"


def register(parts: Parts, plugin: str, version: str, module: object) -> None:
    """Let one plugin register its parts, all or none."""
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(Hooks)
    before = {r.kind: dict(r.parts) for r in parts.registries()}
    for registry in parts.registries():
        registry.origin, registry.asked = plugin, []
    try:
        manager.register(module, plugin)
        manager.check_pending()
        _check_hook(manager)
        manager.hook.repcat_register(parts=parts)
        parts.plugins[plugin] = version
    except (KeyboardInterrupt, Stopped):
        raise
    except BaseException as error:  # noqa: BLE001  (a stranger's code: set it aside, go on)
        for registry in parts.registries():
            registry.parts = before[registry.kind]
        asked = {r.kind: tuple(r.asked) for r in parts.registries()}
        parts.broken.append(Broken(plugin, reason_of(error), asked))


def _check_hook(manager: pluggy.PluginManager) -> None:
    found = manager.hook.repcat_register.get_hookimpls()
    if not found:
        msg = "it has no function repcat_register(parts) marked with @repcat.hookimpl"
        raise PluginError(msg, code="no-hook")
    if "parts" not in found[0].argnames:
        msg = "its repcat_register takes no argument; write repcat_register(parts)"
        raise PluginError(msg, code="hook-without-parts")


def reason_of(error: BaseException) -> str:
    """Say in one line what stopped a plugin."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = f"{type(error).__name__}: {' '.join(lines)}" if lines else type(error).__name__
    return reason + _public_way(error)


def _public_way(error: BaseException) -> str:
    """Say how to import what a plugin took from a module of repcat that has moved."""
    if not isinstance(error, ImportError) or not (error.name or "").startswith("repcat."):
        return ""
    lines = [frame.line or "" for frame in traceback.extract_tb(error.__traceback__)]
    asked = " ".join(line for line in lines if "repcat" in line)
    names = [name for name in repcat.__all__ if re.search(rf"\b{name}\b", asked)]
    write = f"from repcat import {', '.join(names)}" if names else "from repcat import NAME"
    return f"; modules inside repcat are private and move, its public names stay: write `{write}`"


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
    except (KeyboardInterrupt, Stopped):
        raise
    except BaseException as error:  # noqa: BLE001  (a stranger's code: set it aside, go on)
        parts.broken.append(Broken(plugin, reason_of(error), parts_in_source(entry)))
        return
    register(parts, plugin, version, module)


def _owner(entry: EntryPoint) -> str:
    """Return the distribution that an entry point belongs to, or its own name if none is told."""
    try:
        return (entry.dist.name if entry.dist else None) or entry.name
    except Exception:  # noqa: BLE001  (whatever damaged metadata raises)
        return entry.name


def sources() -> dict[str, list[Path]]:
    """Return each plugin's package folder, or its one file, by distribution; nothing is run."""
    found: dict[str, list[Path]] = {}
    for entry in sorted(entry_points(group=GROUP), key=_order):
        try:
            spec = find_spec(entry.value.partition(":")[0].partition(".")[0].strip())
            file = Path(spec.origin) if spec and spec.origin else None
        except Exception:  # noqa: BLE001  (whatever a stranger's damaged package raises)
            continue
        if file:
            found.setdefault(_owner(entry), []).append(
                file.parent if file.stem == "__init__" else file
            )
    return found


MOST_FILES = 200
ADDS = re.compile(r"\.(\w+)\.add\(\s*[\"']([\w.-]+)[\"']")


def parts_in_source(entry: EntryPoint) -> dict[str, tuple[str, ...]]:
    """Return names by kind; nothing of the plugin is run.

    Found are the words `parts.backbones.add("name"` in the module of the entry point, or anywhere
    in its package; a name that is made up while running stays unknown.
    """
    try:
        spec = find_spec(entry.value.partition(":")[0].partition(".")[0].strip())
        texts = [f.read_text(encoding="utf-8") for f in _files(spec.origin if spec else None)]
    except Exception:  # noqa: BLE001  (a guess for a message: no guess is no harm)
        return {}
    hits = [hit for text in texts for hit in ADDS.findall(text)]
    return {kind: tuple(name for k, name in hits if k == kind) for kind, _ in hits}


def _files(origin: str | None) -> list[Path]:
    if origin is None:
        return []
    file = Path(origin)
    return sorted(file.parent.rglob("*.py"))[:MOST_FILES] if file.stem == "__init__" else [file]
