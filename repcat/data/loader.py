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
from repcat.data.intensity import to_unit_of
from repcat.data.loader_worker import Told, start_worker
from repcat.errors import DataError, RepcatError
from repcat.rng import generator
from repcat.types import Batch, Patient

Pair = tuple[Tensor, Tensor]


class PatientCache:
    """Patients as a recipe wants to see them, the ones that fit kept in memory."""

    def __init__(self, patients: Patients, recipe: Recipe) -> None:
        self.patients, self.recipe = patients, recipe
        size, views = recipe.data.size, len(recipe.views)
        each = 2 * size**3 + 4 * views * size**2
        self._load = lru_cache(int(recipe.data.cache_gb * 1e9 / each) or 1)(self._read)

    def _read(self, patient: str) -> Pair:
        """Load HU as int16 and integrals as float32: half the memory, no rounding that matters."""
        found = self.patients.load(patient)
        return found.volume.round().to(torch.int16), found.integrals.float()

    def pair(self, patient: str) -> Pair:
        """Return X-rays (N, rows, columns) and volume (D, H, W), both in [0, 1]."""
        volume, integrals = self._load(patient)
        return self.xrays(integrals), self.volume(volume)

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
        """Collate patients, nothing augmented."""
        return self.collate(ids, [self.pair(i) for i in ids])

    def collate(self, ids: Sequence[str], pairs: Sequence[Pair]) -> Batch:
        """Stack patients into a batch."""
        xrays, volumes = (torch.stack(each) for each in zip(*pairs, strict=True))
        return Batch(tuple(ids), xrays, self.recipe.views, volumes.unsqueeze(1))

    def of(self, patient: Patient) -> Batch:
        """Make a batch of one patient that is in no dataset."""
        pair = self.xrays(patient.integrals), self.volume(patient.volume)
        return self.collate([patient.id], [pair])


class Stream(Dataset[Batch]):
    """Endless training batches; `stream[k]` is draw k, whoever asks and whenever."""

    def __init__(self, cache: PatientCache, split: str = "train") -> None:
        self.cache = cache
        train = cache.recipe.train
        self.seed, self.batch_size = train.seed, train.batch_size
        self.views_drawn = cache.recipe.data.views_drawn
        self.ids = cache.patients.ids(split)
        if not self.ids:
            msg = (
                f"{cache.patients.name} has no patient in its {split} split, nothing to train on: "
                "run its `repcat prepare` again with another --split (no scan is made anew)"
            )
            raise DataError(msg, code="no-patients")
        self.augment = Augment(cache.recipe.augment, cache.recipe.views)
        self._order = lru_cache(2)(self._shuffle)

    def _shuffle(self, epoch: int) -> list[int]:
        chance = generator(self.seed, "order", epoch)
        return torch.randperm(len(self.ids), generator=chance).tolist()

    def ids_of(self, k: int) -> list[str]:
        """Return the patients of draw k: epochs are permutations, back to back."""
        places = range(k * self.batch_size, (k + 1) * self.batch_size)
        n = len(self.ids)
        return [self.ids[self._order(p // n)[p % n]] for p in places]

    def views_of(self, k: int) -> list[int]:
        """Return which of the recipe's views are in draw k: as many as drawn, in their order."""
        n, (least, most) = len(self.cache.recipe.views), self.views_drawn
        if not most:
            return [*range(n)]
        chance = generator(self.seed, "views", k)
        some = int(torch.randint(least, most + 1, (), generator=chance))
        return sorted(torch.randperm(n, generator=chance)[:some].tolist())

    def __getitem__(self, k: int) -> Batch:
        """Return draw k, augmented."""
        ids = self.ids_of(k)
        pairs = [
            self.augment(*self.cache.pair(patient), generator(self.seed, "augment", k, place))
            for place, patient in enumerate(ids)
        ]
        return self.cache.collate(ids, pairs).seen_in(self.views_of(k))


class Loader(Iterator[Batch]):
    """The draws from number `drawn` on, on a device; `drawn` is all that a checkpoint keeps."""

    def __init__(self, stream: Stream, drawn: int, device: str) -> None:
        self.drawn, self.device = drawn, device
        workers = stream.cache.recipe.train.workers
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
        """Return the next draw."""
        batch: Batch | RepcatError = next(self._batches)
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
