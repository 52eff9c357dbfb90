"""X2CT-GAN (Ying et al., CVPR 2019) as a mapper, a backbone and an objective of repcat.

Written anew from facts about the published network: shapes, numbers of weights, settings. No line
of its code (GPL) is used.
"""

from __future__ import annotations

import repcat


@repcat.hookimpl
def repcat_register(parts: repcat.Parts) -> None:
    """Add the three parts of X2CT-GAN."""
    from repcat_x2ct.backbone import x2ct
    from repcat_x2ct.objective import X2CTGAN
    from repcat_x2ct.views import X2CTViews

    parts.mappers.add("x2ct_views", X2CTViews)
    parts.backbones.add("x2ct", x2ct)
    parts.objectives.add("x2ct_gan", X2CTGAN)
