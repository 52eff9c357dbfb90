"""plastimatch's DRRs as a projector of repcat."""

from __future__ import annotations

import repcat


@repcat.hookimpl
def repcat_register(parts: repcat.Parts) -> None:
    """Add the projector."""
    from repcat_plastimatch.projector import plastimatch

    parts.projectors.add("plastimatch", plastimatch)
