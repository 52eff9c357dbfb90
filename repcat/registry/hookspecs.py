"""The hooks that repcat calls in a plugin: the whole contract on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from repcat.registry.parts import Parts

hookspec = pluggy.HookspecMarker("repcat")
hookimpl = pluggy.HookimplMarker("repcat")


class Hooks:
    """What a plugin may implement, as plain functions marked with `repcat.hookimpl`."""

    @hookspec
    def repcat_register(self, parts: Parts) -> None:
        """Add parts: `parts.backbones.add("name", factory)`."""
