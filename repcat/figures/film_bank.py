"""Pictures of the film bank: each effect alone, and films as a training draws them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from repcat.config.film_table import FilmTable
from repcat.data.film.bank import FilmBank
from repcat.data.film.effects import NONE, alone, effects_of
from repcat.figures.image_grid import Sheet
from repcat.geometry import Geometry
from repcat.rng import generator
from repcat.view import View

COLUMNS = 7


def draw(
    path: Path,
    table: FilmTable,
    geometry: Geometry,
    views: tuple[View, ...],
    seen: tuple[Tensor, Tensor, Tensor],
    seed: int,
) -> None:
    """Draw one patient: a row of each view for each seven effects, then rows of films.

    `seen` are line integrals (N, rows, columns), the part in bone, and the percentiles (N, 101)
    that films are brought to.
    """
    integrals, bone, greys = seen
    tables = {"none": NONE, **{name: alone(table, name) for name in effects_of(table)}}
    cases = [*tables.items()]
    cases += [("", NONE)] * (-len(cases) % COLUMNS)
    whole = replace(table, p=1.0)
    cases += [(f"all, draw {k + 1}", whole) for k in range(COLUMNS)]
    sheet = Sheet(len(views) * len(cases) // COLUMNS, COLUMNS, "X-rays made films ([augment] film)")
    like = torch.tensor([0.0, 1.0])
    for place, (name, one) in enumerate(cases):
        if not name:
            continue
        films = FilmBank(one, geometry)(integrals, greys, generator(seed, name), bone)
        for n, view in enumerate(views):
            row = place // COLUMNS * len(views) + n
            title = name if n == 0 else ""
            sheet.show(row, place % COLUMNS, films[n], title, like=like)
            if place % COLUMNS == 0:
                sheet.label(row, f"{view} degrees")
    sheet.write(path)
