"""The paper's parts, shipped with repcat and found as any plugin is."""

from __future__ import annotations

import repcat


@repcat.hookimpl
def repcat_register(parts: repcat.Parts) -> None:
    """Add every part of the paper."""
    from repcat_plugins.projectors.march import march
    from repcat_plugins.projectors.nanodrr import nanodrr

    parts.projectors.add("nanodrr", nanodrr)
    parts.projectors.add("march", march)
