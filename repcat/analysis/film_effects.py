"""Film effects: scores when the X-rays are made to look like films, one effect and all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from torch import Tensor

from repcat.config.film_table import BANK, FilmTable
from repcat.data.cast import Caster
from repcat.data.film.bank import FilmBank
from repcat.data.film.effects import NONE, alone, effects_of
from repcat.rng import generator
from repcat.runs.opened import OpenRun
from repcat.scoring.protocols import STANDARD, protocol
from repcat.scoring.summary import Row
from repcat.types import Batch, Patient, Projector

STORED, READ, ALL = "stored", "no effect", "bank"


def film_rows(
    patient: Patient,
    opened: OpenRun,
    greys: Tensor,
    predict: Callable[[Batch], Tensor],
    others: Mapping[str, Projector],
) -> Iterator[Row]:
    """Score predictions from X-rays that were made films, a case each.

    `stored`: as they are. `no effect`: read as a film, its percentiles brought to `greys` (N, 101),
    those of the training X-rays. Then each effect of the bank alone, on every film, and `bank`: all
    of them as a training draws them, but none left as it is. `others` are projectors by which the
    volume is cast anew, so that the X-rays are not of the training's own model; each has its cases
    `stored`, `no effect` and `bank`. Draws are a function of the patient and the case. `predict`
    turns a batch of one into HU (D, H, W). Figures of protocol `standard`.
    """
    recipe, truth = opened.recipe, patient.volume.float()
    score = protocol(STANDARD, opened.parts).against(truth, recipe.window)
    batch = opened.cache.of(patient)
    cast = _caster(opened, opened.projector)
    bone = cast.bone(truth, recipe.views)

    def films(table: FilmTable, name: str, integrals: Tensor, part: Tensor) -> Row:
        bank = FilmBank(table, opened.patients.geometry)
        images = bank(integrals, greys, generator("film", patient.id, name), part)
        return Row(patient.id, name, score(predict(replace(batch, xrays=images[None]))))

    full = replace(BANK, p=1.0)
    tables = {READ: NONE, **{n: alone(BANK, n) for n in effects_of(BANK)}, ALL: full}
    yield Row(patient.id, STORED, score(predict(batch)))
    for name, table in tables.items():
        yield films(table, name, patient.integrals.float(), bone)
    for said, project in others.items():
        anew = _caster(opened, project)
        integrals = anew(truth, recipe.views).cpu()
        seen = opened.cache.of(replace(patient, integrals=integrals))
        yield Row(patient.id, f"{STORED}, {said}", score(predict(seen)))
        part = anew.bone(truth, recipe.views).cpu()
        for name in (READ, ALL):
            row = films(tables[name], name, integrals, part)
            yield replace(row, method=f"{name}, {said}")


def _caster(opened: OpenRun, project: Projector) -> Caster:
    return Caster(opened.patients, project, opened.recipe.views, "film", "measure another dataset")
