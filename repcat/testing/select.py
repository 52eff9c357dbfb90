"""Selection of installed parts by a word: a part, `kind:name`, or a distribution."""

from __future__ import annotations

from packaging.utils import canonicalize_name

from repcat.errors import PartError, PluginError
from repcat.registry.options import nearest
from repcat.registry.parts import Parts
from repcat.registry.registry import Part

Chosen = list[tuple[str, Part]]


def chosen(word: str, kind: str | None, parts: Parts) -> Chosen:
    """Return parts with their kinds.

    Raises:
        PartError: when there is none, or a name that several kinds have.
        PluginError: when the distribution was set aside.
    """
    if kind is None and ":" in word:
        kind, _, word = word.partition(":")
    if kind is not None:
        registry = parts.registry(kind)
        return [(registry.kind, registry.get(word))]
    named = [(r.kind, r.parts[word]) for r in parts.registries() if word in r.parts]
    if len(named) > 1:
        kinds, one = ", ".join(k for k, _ in named), f"{named[0][0][:-1]}:{word}"
        msg = f"{word!r} is a name of {kinds}; say which, such as {one}"
        raise PartError(msg, code="several-kinds")
    return named or _distributed(word, parts)


def _distributed(word: str, parts: Parts) -> Chosen:
    wanted = canonicalize_name(word)
    for broken in parts.broken:
        if canonicalize_name(broken.plugin) == wanted:
            msg = f"plugin {broken.plugin} was set aside: {broken.reason}"
            raise PluginError(msg, code="plugin-set-aside")
    every = [(r.kind, part) for r in parts.registries() for part in r.parts.values()]
    found = [(kind, part) for kind, part in every if canonicalize_name(part.origin) == wanted]
    if not found:
        known = {n for r in parts.registries() for n in r.names()} | set(parts.plugins)
        hurt = [b for b in parts.broken if any(word in names for names in b.parts.values())]
        lost = "".join(f"; plugin {b.plugin} has it, but was set aside: {b.reason}" for b in hurt)
        msg = f"no part and no distribution is called {word!r}{lost or nearest(word, known)}"
        raise PartError(msg, code="no-such-part")
    return found
