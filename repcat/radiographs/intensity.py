"""Intensity of a film: what its grey values mean, as told or as its kind of file has them."""

from __future__ import annotations

from typing import Literal, get_args

import torch

from repcat.radiographs.radiograph import Film

Grey = Literal["auto", "bone_bright", "bone_dark", "counts", "integrals"]
Match = Literal["auto", "percentile", "histogram", "none"]
GREYS: tuple[str, ...] = get_args(Grey)
MATCHES: tuple[str, ...] = get_args(Match)
UNEXPOSED = 0.999  # share of counts below the unweakened beam


def absorb(film: Film, grey: str) -> Film:
    """Make grey grow with absorption: invert, or take the logarithm of transmitted counts."""
    if grey == "bone_dark":
        return film.step("inverted: bone was dark", pixels=film.pixels.max() - film.pixels)
    if grey == "counts":
        # torch.quantile takes 16 million pixels at most
        place = min(film.pixels.numel(), int(UNEXPOSED * film.pixels.numel()) + 1)
        open_beam = film.pixels.flatten().kthvalue(place).values.clamp(min=1)
        counts = film.pixels.clamp(min=1)
        return film.step(
            f"-log(counts / {open_beam:.0f}): line integrals from transmitted counts",
            pixels=-torch.log((counts / open_beam).clamp(max=1)),
        )
    return film
