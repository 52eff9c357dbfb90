"""Training reference: what a run's training X-rays are like, to hold films against.

RUN/film.safetensors: no X-ray is in it, only averages, main components and templates; and the scene
and the attenuation map of the dataset, so that a run can be moved away from it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from repcat.data.grey_levels import percentiles
from repcat.data.loader import PatientCache
from repcat.errors import RunError
from repcat.geometry import Geometry
from repcat.io.atomic import atomic_file
from repcat.io.json_object import parse_object
from repcat.io.tensors import save_table, table_hash
from repcat.radiographs import novelty, orientation_model
from repcat.radiographs.nearest_view import Nearest, nearest
from repcat.radiographs.novelty import Subspace
from repcat.radiographs.orientation import UPRIGHT, turned
from repcat.rng import generator
from repcat.view import View

FILE = "film.safetensors"
MOST = 128  # training patients that are looked at
HEADER_BELIEF = 0.9
LOWEST_HU, HIGHEST_HU = -1100, 4000


@dataclass(frozen=True, slots=True)
class TrainingReference:
    """What the training X-rays of each view are like, N views; others are judged by the nearest.

    `templates` (N, 2, 32, 32) say which way up (compass), `spaces` how far off (subspace),
    `percentiles` (N, 101) how bright in [0, 1]. `mu` is the attenuation in 1/mm at each HU from
    -1100 to 4000; `dataset` the name of the training's, `count` how many of its patients were
    looked at, 0 where a file of before does not say.
    """

    views: tuple[View, ...]
    templates: Tensor
    spaces: tuple[Subspace, ...]
    percentiles: Tensor
    mu: Tensor
    geometry: Geometry
    dataset: str
    count: int = 0

    def attenuate(self, hu: Tensor) -> Tensor:
        """Turn HU into attenuation as the dataset does, to the nearest HU."""
        place = (hu.float() - LOWEST_HU).round().clamp(0, len(self.mu) - 1)
        return self.mu[place.long()]

    def nearest(self, view: View) -> Nearest:
        """Find the trained view whose X-rays look most like those of a view."""
        return nearest(view, self.views)

    def belief(self, image: Tensor, view: View, oriented: bool = False) -> Tensor:
        """Return how likely each turn would put an image (rows, columns) upright: (8,).

        Where the header told how the film lies (`oriented`), that is believed to 90 % beforehand;
        else the eight ways are alike.
        """
        like = self.nearest(view)
        template = self.templates[like.number]
        belief = orientation_model.read(image, template.flip(-1) if like.mirrored else template)
        if oriented:
            prior = torch.full_like(belief, (1 - HEADER_BELIEF) / (len(belief) - 1))
            prior[UPRIGHT] = HEADER_BELIEF
            belief = belief * prior / (belief * prior).sum()
        return belief

    def distance(self, image: Tensor, view: View) -> float:
        """Return how far an image is from a view's X-rays, whichever way up; 1: as 1 % of them."""
        space = self.spaces[self.nearest(view).number]
        return min(space.distance(one) for one in turned(image))

    def greys(self, view: View) -> Tensor:
        """Return how bright a view's X-rays are: their percentiles 0 to 100 (101,)."""
        return self.percentiles[self.nearest(view).number]

    def write(self, folder: Path) -> None:
        """Write film.safetensors into a run."""
        tensors = {
            "templates": self.templates,
            "means": torch.stack([s.mean for s in self.spaces]),
            "bases": torch.stack([s.basis for s in self.spaces]),
            "limits": torch.tensor([s.limit for s in self.spaces]),
            "percentiles": self.percentiles,
            "mu": self.mu,
        }
        # One entry: safetensors writes several in any order, and the file is to be reproducible.
        facts: dict[str, Any] = {"geometry": self.geometry.to_dict(), "dataset": self.dataset}
        facts["count"] = self.count
        facts["content"] = table_hash(tensors, json.dumps(facts))
        with atomic_file(folder / FILE) as file:
            save_table(tensors, file, {"repcat": json.dumps(facts)})


def fit_reference(cache: PatientCache) -> TrainingReference:
    """Look at the training X-rays of a recipe's dataset, at most 128 patients."""
    patients, recipe = cache.patients, cache.recipe
    ids = patients.ids("train")[:MOST]
    xrays_BNHW = torch.stack([cache.pair(patient)[0] for patient in ids])
    by_view = xrays_BNHW.unbind(dim=1)
    hu = torch.arange(LOWEST_HU, HIGHEST_HU + 1, dtype=torch.float32)
    return TrainingReference(
        views=cache.views,
        templates=torch.stack(
            [
                orientation_model.fit(images, generator(recipe.train.seed, "compass", k))
                for k, images in enumerate(by_view)
            ]
        ),
        spaces=tuple(novelty.fit(images) for images in by_view),
        percentiles=torch.stack([percentiles(images) for images in by_view]),
        mu=patients.attenuate(hu),
        geometry=patients.geometry,
        dataset=patients.name,
        count=len(ids),
    )


def read_reference(folder: Path, views: tuple[View, ...]) -> TrainingReference | None:
    """Read film.safetensors, which is about a recipe's views; None where a run has none.

    Raises:
        RunError: when it cannot be read.
    """
    from safetensors import SafetensorError, safe_open

    file = folder / FILE
    if not file.is_file():
        return None
    try:
        with safe_open(file, "pt") as found:
            facts = parse_object(found.metadata()["repcat"])
            t = {name: found.get_tensor(name) for name in found.keys()}  # noqa: SIM118
        _check_content(t, facts)
        spaces = zip(t["means"], t["bases"], t["limits"].tolist(), strict=True)
        return TrainingReference(
            views=views,
            templates=t["templates"],
            spaces=tuple(Subspace(*space) for space in spaces),
            percentiles=t["percentiles"],
            mu=t["mu"],
            geometry=Geometry.from_dict(facts["geometry"]),
            dataset=facts["dataset"],
            count=int(facts.get("count", 0)),
        )
    except (OSError, ValueError, LookupError, TypeError, SafetensorError) as error:
        msg = f"{file} cannot be read ({type(error).__name__}); delete it, it is made again"
        raise RunError(msg, code="file-damaged") from None


def _check_content(tensors: Mapping[str, Tensor], facts: dict[str, Any]) -> None:
    """Raise ValueError where they are not what was written; a file of before 0.2 cannot tell."""
    content = facts.pop("content", None)
    if content not in (None, table_hash(tensors, json.dumps(facts))):
        msg = "it is not what was written"
        raise ValueError(msg)
