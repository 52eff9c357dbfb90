"""The paper's parts, shipped with repcat and found as any plugin is."""

from __future__ import annotations

import repcat


@repcat.hookimpl
def repcat_register(parts: repcat.Parts) -> None:
    """Add every part of the paper."""
    from repcat_plugins.backbones.attention_unet import attention_unet
    from repcat_plugins.backbones.autoencoder import autoencoder
    from repcat_plugins.backbones.dynunet import dynunet
    from repcat_plugins.backbones.head import head
    from repcat_plugins.backbones.segresnet import segresnet
    from repcat_plugins.backbones.swin_unetr import swin_unetr
    from repcat_plugins.backbones.unet import unet
    from repcat_plugins.backbones.unet3d import unet3d
    from repcat_plugins.backbones.unetr import unetr
    from repcat_plugins.datasets.mixed import Mixed
    from repcat_plugins.datasets.phantom.phantoms import Phantoms
    from repcat_plugins.datasets.prepared import Prepared
    from repcat_plugins.mappers.encoder2d import Encoder2D
    from repcat_plugins.mappers.lift import Lift
    from repcat_plugins.mappers.noise_concat import NoiseConcat
    from repcat_plugins.mappers.repeat_concat import RepeatConcat
    from repcat_plugins.mappers.view_pool import ViewPool
    from repcat_plugins.mappers.views import Views
    from repcat_plugins.objectives.gan import GAN
    from repcat_plugins.objectives.l1 import L1
    from repcat_plugins.objectives.l2 import L2
    from repcat_plugins.objectives.sinkhorn_ot import SinkhornOT
    from repcat_plugins.objectives.smooth_l1 import SmoothL1
    from repcat_plugins.projectors.march import march
    from repcat_plugins.projectors.nanodrr import nanodrr
    from repcat_plugins.protocols.perx2ct2023 import perx2ct2023
    from repcat_plugins.protocols.psct2026 import psct2026
    from repcat_plugins.protocols.seed2024 import seed2024
    from repcat_plugins.protocols.sparc2026 import sparc2026
    from repcat_plugins.protocols.standard import standard
    from repcat_plugins.protocols.x2ct2019 import x2ct2019

    parts.datasets.add("phantoms", Phantoms)
    parts.datasets.add("prepared", Prepared)
    parts.datasets.add("mixed", Mixed)
    parts.mappers.add("repeat_concat", RepeatConcat)
    parts.mappers.add("noise_concat", NoiseConcat)
    parts.mappers.add("views", Views)
    parts.mappers.add("encoder2d", Encoder2D)
    parts.mappers.add("view_pool", ViewPool)
    parts.mappers.add("lift", Lift)
    parts.backbones.add("attention_unet", attention_unet)
    parts.backbones.add("autoencoder", autoencoder)
    parts.backbones.add("dynunet", dynunet)
    parts.backbones.add("head", head)
    parts.backbones.add("segresnet", segresnet)
    parts.backbones.add("swin_unetr", swin_unetr)
    parts.backbones.add("unet", unet)
    parts.backbones.add("unet3d", unet3d)
    parts.backbones.add("unetr", unetr)
    parts.objectives.add("gan", GAN)
    parts.objectives.add("l1", L1)
    parts.objectives.add("l2", L2)
    parts.objectives.add("sinkhorn_ot", SinkhornOT)
    parts.objectives.add("smooth_l1", SmoothL1)
    parts.projectors.add("nanodrr", nanodrr)
    parts.projectors.add("march", march)
    parts.protocols.add("standard", standard)
    parts.protocols.add("seed2024", seed2024)
    parts.protocols.add("x2ct2019", x2ct2019)
    parts.protocols.add("perx2ct2023", perx2ct2023)
    parts.protocols.add("psct2026", psct2026)
    parts.protocols.add("sparc2026", sparc2026)
