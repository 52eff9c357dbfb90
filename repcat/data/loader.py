"""Loader: patients to batches; draw k of a stream is a function of (seed, k)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import count

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from repcat.config.recipe import Recipe
from repcat.contracts import Patients
from repcat.data.augment import Augment
from repcat.data.film.films import Films
from repcat.data.intensity import to_unit_of
from repcat.data.loader_worker import (
    KILLED,
    Told,
    is_killed_worker,
    start_worker,
    told_once,
)
from repcat.data.pose_jitter import PoseJitter
from repcat.data.spatial import Spatial
from repcat.data.view_draws import ViewDraws
from repcat.errors import DataError, RepcatError, TrainingError
from repcat.rng import generator
from repcat.types import UNTOLD, Batch, Patient, Projector
from repcat.view import View

Pair = tuple[Tensor, Tensor]


class PatientCache:
    """Patients as a recipe wants to see them, the ones that fit kept in memory.

    `views` are those that the patients were opened in: all that a training may see
    (`recipe.bank`), or, untold, those that are scored.
    """

    def __init__(
        self, patients: Patients, recipe: Recipe, views: tuple[View, ...] | None = None
    ) -> None:
        self.patients, self.recipe = patients, recipe
        self.views = recipe.views if views is None else views
        self.scored = [self.views.index(view) for view in recipe.views]
        size = recipe.data.size
        each = 2 * size**3 + 4 * len(self.views) * size**2
        self._load = lru_cache(int(recipe.data.cache_gb * 1e9 / each) or 1)(self._read)

    def _read(self, patient: str) -> Pair:
        """Load HU as int16 and integrals as float32: half the memory, no rounding that matters."""
        found = self.patients.load(patient)
        return found.volume.round().to(torch.int16), found.integrals.float()

    def pair(self, patient: str) -> Pair:
        """Return X-rays (N, rows, columns) and volume (D, H, W), both in [0, 1]."""
        volume, integrals = self._load(patient)
        return self.xrays(integrals), self.volume(volume)

    def hu(self, patient: str) -> Tensor:
        """Return a patient's volume (D, H, W) in whole HU."""
        return self._load(patient)[0]

    def integrals(self, patient: str) -> Tensor:
        """Return a patient's line integrals (N, rows, columns)."""
        return self._load(patient)[1]

    def xrays(self, integrals: Tensor) -> Tensor:
        """Bring line integrals to [0, 1] as [data] says."""
        return to_unit_of(self.recipe.data)(integrals)

    def volume(self, hu: Tensor) -> Tensor:
        """Bring HU to [0, 1] as [data] says."""
        if self.recipe.data.volume == "window":
            return self.recipe.window.to_unit(hu)
        # The released code: (v - min) / (max - min + 1e-4), a scale for each volume.
        hu = hu.float()
        return (hu - hu.min()) / (hu.max() - hu.min() + 1e-4)

    def batch(self, ids: Sequence[str]) -> Batch:
        """Collate patients in the views that are scored, nothing augmented."""
        return self.collate(ids, [self.pair(i) for i in ids]).seen_in(self.scored)

    def collate(
        self, ids: Sequence[str], pairs: Sequence[Pair], views: tuple[View, ...] | None = None
    ) -> Batch:
        """Stack patients into a batch of all views, or of these."""
        xrays, volumes = (torch.stack(each) for each in zip(*pairs, strict=True))
        return Batch(tuple(ids), xrays, views or self.views, volumes.unsqueeze(1))

    def of(self, patient: Patient, views: tuple[View, ...] | None = None) -> Batch:
        """Make a batch of one patient that is in no dataset, seen in all views or in these."""
        pair = self.xrays(patient.integrals), self.volume(patient.volume)
        return self.collate([patient.id], [pair], views)


class Stream(Dataset[Batch]):
    """Endless training batches; `stream[k]` is draw k, whoever asks and whenever.

    `views_of(k)` are the numbers of its views, in the order of `data.views`.
    """

    def __init__(
        self, cache: PatientCache, split: str = "train", project: Projector = UNTOLD
    ) -> None:
        self.cache = cache
        train = cache.recipe.train
        self.seed, self.batch_size = train.seed, train.batch_size
        self.views_of = ViewDraws(cache.recipe)
        every = cache.patients.ids(split)
        self.ids = tuple(name for name in every for _ in range(cache.patients.times(name)))
        if not self.ids:
            msg = (
                f"{cache.patients.name} has no patient in its {split} split, nothing to train on: "
                "run its `repcat prepare` again with another --split (no scan is made anew)"
            )
            raise DataError(msg, code="no-patients")
        table, bank = cache.recipe.augment, cache.recipe.bank
        self.augment = Augment(table, bank)
        self.pose = PoseJitter(table, cache.patients.geometry, self.seed)
        self.spatial = Spatial(table, cache.patients, project, bank) if table.spatial_p else None
        film = table.film_table
        self.films = Films(film, cache, project, self.seed) if film else None
        self._order = lru_cache(2)(self._shuffle)

    def _shuffle(self, epoch: int) -> list[int]:
        chance = generator(self.seed, "order", epoch)
        return torch.randperm(len(self.ids), generator=chance).tolist()

    def ids_of(self, k: int) -> list[str]:
        """Return the patients of draw k: epochs are permutations, back to back."""
        places = range(k * self.batch_size, (k + 1) * self.batch_size)
        n = len(self.ids)
        return [self.ids[self._order(p // n)[p % n]] for p in places]

    def __getitem__(self, k: int) -> Batch:
        """Return draw k, augmented."""
        ids, numbers = self.ids_of(k), self.views_of(k)
        pairs = [self._pair(patient, k, place, numbers) for place, patient in enumerate(ids)]
        views = tuple(self.cache.views[n] for n in numbers)
        return self.pose(self.cache.collate(ids, pairs, views), k)

    def _pair(self, patient: str, k: int, place: int, numbers: list[int]) -> Pair:
        """Return a patient's X-rays in these views and its volume, as draw k has them there."""
        chance = generator(self.seed, "augment", k, place)
        if self.spatial:
            move = self.spatial.draw(generator(self.seed, "spatial", k, place))
            if move:
                hu = self.spatial.move(self.cache.hu(patient), move)
                views = tuple(self.cache.views[n] for n in numbers)
                integrals = self.spatial.cast(hu, views)
                images = self._film(integrals, numbers, k, place, hu)
                return self.augment(images, self.cache.volume(hu), chance)
        if self.films is None:
            xrays, volume = self.augment(*self.cache.pair(patient), chance)
            return xrays[numbers], volume
        # A mirrored patient is seen in views that need not be among those drawn.
        flips = self.cache.recipe.augment.flip_p > 0
        made = list(range(len(self.cache.views))) if flips else numbers
        images = self._film(self.cache.integrals(patient)[made], made, k, place, patient)
        volume = self.cache.volume(self.cache.hu(patient))
        xrays, volume = self.augment(images, volume, chance)
        return (xrays[numbers] if flips else xrays), volume

    def _film(
        self, integrals: Tensor, numbers: list[int], k: int, place: int, patient: str | Tensor
    ) -> Tensor:
        """Return X-rays in [0, 1]: films where the draw has it so, else as they are."""
        made = self.films(integrals, numbers, k, place, patient) if self.films else None
        return self.cache.xrays(integrals) if made is None else made


class Loader(Iterator[Batch]):
    """The draws from number `drawn` on, on a device; `drawn` is all that a checkpoint keeps."""

    def __init__(self, stream: Stream, drawn: int, device: str) -> None:
        self.drawn, self.device = drawn, device
        self.workers = workers = stream.cache.recipe.train.workers
        loader = DataLoader(
            Told(stream),
            batch_size=None,
            sampler=_From(drawn),
            num_workers=workers,
            persistent_workers=workers > 0,
            pin_memory=device.startswith("cuda"),
            worker_init_fn=start_worker,
        )
        self._batches = iter(loader)

    def __next__(self) -> Batch:
        """Return the next draw.

        Raises:
            TrainingError: where a process that loads was killed.
        """
        try:
            batch: Batch | RepcatError = next(self._batches)
        except (RuntimeError, OSError, EOFError) as error:
            if not (self.workers and is_killed_worker(error)):
                raise
            told_once()
            raise TrainingError(KILLED, code="loader-worker-killed") from None
        if isinstance(batch, RepcatError):
            raise batch
        self.drawn += 1
        return batch.to(self.device)


class _From(torch.utils.data.Sampler[int]):
    """The numbers from `first` on, without end."""

    def __init__(self, first: int) -> None:
        self.first = first

    def __iter__(self) -> Iterator[int]:
        return count(self.first)
