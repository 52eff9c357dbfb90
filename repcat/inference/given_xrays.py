"""Given X-rays: files, films or arrays, and at which angle each was taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from repcat.errors import DataError
from repcat.radiographs.image_files import of_array
from repcat.radiographs.radiograph import Film
from repcat.radiographs.read import read_film
from repcat.view import View

Angles = Sequence[str | float | None]  # degrees or names of views, one an X-ray


def film_of(one: Any) -> Film:  # noqa: ANN401  (a film, a path, or whatever numpy can look at)
    """Read an X-ray; arrays are (rows, columns)."""
    if isinstance(one, Film):
        return one
    if isinstance(one, str | Path):
        return read_film(one)
    values = one.detach().cpu().numpy() if isinstance(one, Tensor) else one
    read = of_array(values)
    return Film(torch.from_numpy(read.pixels), grey=read.grey)


def _angle(view: View) -> float | str:
    return str(replace(view, mirrored=False)) if view.tilt else view.azimuth


def angles_of(xrays: Sequence[Any], views: Angles | None, trained: tuple[View, ...]) -> Angles:
    """Return one angle an X-ray; arrays without any are taken in the trained order.

    Raises:
        DataError: where there are not as many views as X-rays.
    """
    if views is None:
        arrays = not any(isinstance(one, str | Path | Film) for one in xrays)
        ordered = arrays and len(xrays) == len(trained)
        return [_angle(v) for v in trained] if ordered else [None] * len(xrays)
    if len(views) != len(xrays):
        msg = f"{len(xrays)} X-rays and {len(views)} views: give one view an X-ray"
        raise DataError(msg, code="views-and-films")
    return views
