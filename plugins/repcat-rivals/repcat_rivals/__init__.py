"""The other families of the field as parts of repcat, each written from its idea alone."""

from __future__ import annotations

import repcat


@repcat.hookimpl
def repcat_register(parts: repcat.Parts) -> None:
    """Add every part."""
    from repcat_rivals.back_projection import BackProjection
    from repcat_rivals.calibration import calibration
    from repcat_rivals.permute_concat import PermuteConcat
    from repcat_rivals.pixel_aligned import PixelAligned
    from repcat_rivals.replicate_average import ReplicateAverage
    from repcat_rivals.sart import Sart

    parts.mappers.add("replicate_average", ReplicateAverage)
    parts.mappers.add("permute_concat", PermuteConcat)
    parts.mappers.add("pixel_aligned", PixelAligned)
    parts.mappers.add("back_projection", BackProjection)
    parts.mappers.add("sart", Sart)
    parts.backbones.add("calibration", calibration)
