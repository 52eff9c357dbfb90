"""The paper's parts, shipped with repcat and found as any plugin is."""

from __future__ import annotations

import repcat


@repcat.hookimpl
def repcat_register(parts: repcat.Parts) -> None:
    """Add every part of the paper."""
    from repcat_plugins.backbones.swin_unetr import swin_unetr
    from repcat_plugins.backbones.unet import unet
    from repcat_plugins.datasets.phantoms import Phantoms
    from repcat_plugins.datasets.prepared import Prepared
    from repcat_plugins.mappers.repeat_concat import RepeatConcat
    from repcat_plugins.objectives.l2 import L2
    from repcat_plugins.objectives.sinkhorn_ot import SinkhornOT
    from repcat_plugins.projectors.march import march
    from repcat_plugins.projectors.nanodrr import nanodrr

    parts.datasets.add("phantoms", Phantoms)
    parts.datasets.add("prepared", Prepared)
    parts.mappers.add("repeat_concat", RepeatConcat)
    parts.backbones.add("swin_unetr", swin_unetr)
    parts.backbones.add("unet", unet)
    parts.objectives.add("l2", L2)
    parts.objectives.add("sinkhorn_ot", SinkhornOT)
    parts.projectors.add("nanodrr", nanodrr)
    parts.projectors.add("march", march)
