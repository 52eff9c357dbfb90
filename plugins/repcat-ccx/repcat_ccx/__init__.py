"""A stand-in for CCX-rayNet (Ratul, Yuan and Lee, ISBI 2021) in repcat: not the published network.

Only its abstract is public; its layers are not. What it says is documented, the rest is ours and
marked so where it stands.
"""

from __future__ import annotations

import repcat


@repcat.hookimpl
def repcat_register(parts: repcat.Parts) -> None:
    """Add the stand-in's backbone."""
    from repcat_ccx.backbone import ccx_standin

    parts.backbones.add("ccx_standin", ccx_standin)
