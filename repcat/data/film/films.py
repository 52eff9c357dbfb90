"""Films of a training: which draw becomes one, from which integrals, and as bright as what."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import torch
from torch import Tensor

from repcat.config.film_table import FilmTable
from repcat.contracts import Patients
from repcat.data.cast import Caster
from repcat.data.film.bank import FilmBank
from repcat.data.film.display import equaliser
from repcat.data.grey_levels import percentiles
from repcat.rng import generator
from repcat.types import Projector
from repcat.view import View

KNOWN = 32  # training patients whose X-rays say how bright films are to be
OPTION = "film"


class Seen(Protocol):
    """Patients in the views that a training may see."""

    patients: Patients
    views: tuple[View, ...]

    def pair(self, patient: str) -> tuple[Tensor, Tensor]:
        """Return X-rays (N, rows, columns) and volume, both in [0, 1]."""
        ...

    def hu(self, patient: str) -> Tensor:
        """Return a patient's volume in HU."""
        ...


def greys_of(cache: Seen) -> Tensor:
    """Return how bright the training X-rays of each view are: percentiles (N, 101)."""
    ids = cache.patients.ids("train")[:KNOWN]
    images = torch.stack([cache.pair(patient)[0] for patient in ids])
    return torch.stack([percentiles(one) for one in images.unbind(dim=1)])


class Films:
    """Makes the films of draw k of a training: a function of seed, k and place.

    Raises:
        RecipeError: where a package is missing.
        PartError: where hardening is asked for and no X-rays can be cast of bone.
    """

    def __init__(self, table: FilmTable, cache: Seen, project: Projector, seed: int) -> None:
        self.bank, self.cache, self.seed = FilmBank(table, cache.patients.geometry), cache, seed
        if table.clahe:
            equaliser()
        off = "set augment.film.kvp = [0, 0]"
        args = (cache.patients, project, cache.views, OPTION, off)
        self.cast = Caster(*args) if self.bank.needs_bone else None
        self.greys = greys_of(cache)
        self._known_bone = lru_cache(4096)(self._bone)

    def __call__(
        self, integrals: Tensor, numbers: list[int], k: int, place: int, patient: str | Tensor
    ) -> Tensor | None:
        """Return films in [0, 1] of integrals (N, rows, columns) of these views; None: none made.

        `patient` is the id, or the volume in HU where it is another than the dataset's.
        """
        chance = generator(self.seed, "film", k, place)
        if not self.bank.befalls(chance):
            return None
        return self.bank(integrals, self.greys[numbers], chance, self._bone_of(patient, numbers))

    def _bone_of(self, patient: str | Tensor, numbers: list[int]) -> Tensor | None:
        if self.cast is None:
            return None
        if isinstance(patient, str):
            return self._known_bone(patient)[numbers]
        return self.cast.bone(patient, tuple(self.cache.views[n] for n in numbers))

    def _bone(self, patient: str) -> Tensor:
        assert self.cast is not None
        return self.cast.bone(self.cache.hu(patient), self.cache.views)
