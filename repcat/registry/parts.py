"""Parts: all registries, which a plugin is handed."""

from __future__ import annotations

from collections.abc import Iterator

from repcat.errors import PartError
from repcat.registry.options import nearest
from repcat.registry.registry import KINDS, Broken, Registry


class Parts:
    """All registries, one for each kind of part."""

    def __init__(self) -> None:
        self.broken: list[Broken] = []
        self.plugins: dict[str, str] = {}
        self.datasets = Registry("datasets", broken=self.broken)
        self.mappers = Registry("mappers", broken=self.broken)
        self.backbones = Registry("backbones", broken=self.broken)
        self.objectives = Registry("objectives", broken=self.broken)
        self.projectors = Registry("projectors", broken=self.broken)
        self.metrics = Registry("metrics", broken=self.broken)
        self.protocols = Registry("protocols", broken=self.broken)

    def registry(self, kind: str) -> Registry:
        """Return a registry by its name, singular or plural."""
        plural = kind if kind.endswith("s") else f"{kind}s"
        if plural not in KINDS:
            msg = f"there is no kind of part called {kind!r}{nearest(plural, KINDS)}"
            raise PartError(msg, code="no-such-kind")
        found: Registry = getattr(self, plural)
        return found

    def registries(self) -> Iterator[Registry]:
        """Yield every registry."""
        for kind in KINDS:
            yield getattr(self, kind)
