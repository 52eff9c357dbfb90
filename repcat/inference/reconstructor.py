"""Reconstructor: a trained run that is ready for films."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from repcat.config.recipe import Recipe
from repcat.inference.case import Case, Origin
from repcat.inference.exported import model_hash
from repcat.inference.given_xrays import Angles, angles_of, film_of
from repcat.inference.installed import engine_home
from repcat.inference.intervals import Intervals
from repcat.inference.predictor import Predictor
from repcat.inference.reprojection import agreement, reproject
from repcat.radiographs import height_profiles
from repcat.radiographs.checks import (
    cautions_of,
    check_no_slice,
    count_cautions,
    few_cautions,
)
from repcat.radiographs.cli_argument import settle
from repcat.radiographs.options import Handling
from repcat.radiographs.preprocess import Developer
from repcat.radiographs.radiograph import Caution, Film
from repcat.radiographs.training_reference import TrainingReference
from repcat.radiographs.view_matching import Placed, at_any_angle, in_order
from repcat.types import Batch, Projector
from repcat.view import View


@dataclass(frozen=True, slots=True)
class Reconstructor:
    """A network, what its training X-rays were like, and the projector of its recipe.

    `reconstruct` is its four stages, which can be called one by one: `place`, `develop`, `volume`,
    `judge`. `intervals` is how a calibrated model's intervals are made; `no_intervals` says why
    there are none of a model that has quantiles.
    """

    predictor: Predictor
    reference: TrainingReference
    projector: Projector
    origin: Origin
    intervals: Intervals | None = None
    no_intervals: str = ""

    @property
    def recipe(self) -> Recipe:
        """The run's recipe, every default filled in."""
        return self.predictor.recipe

    @property
    def views(self) -> tuple[View, ...]:
        """The views that the model reads, or was trained on where it reads any."""
        return self.recipe.views

    @property
    def any_views(self) -> bool:
        """Whether the model takes any number of X-rays at any angle."""
        return self.predictor.network.mapper.any_views

    def reconstruct(
        self, xrays: Sequence[Any], views: Angles | None = None, handling: Handling | None = None
    ) -> Case:
        """Reconstruct a volume from X-rays.

        `xrays` are files, films or arrays (rows, columns): arrays of floats are line integrals or
        [0, 1], of whole numbers grey values. `views` are degrees or names, one an X-ray; None
        leaves it to the file's header, or, for arrays, to the order of the trained views. A model
        of any views takes one to eight X-rays at any angles.

        Raises:
            DataError: when an X-ray cannot be read or its view is none that the model reads.
        """
        handling = handling or Handling()
        placed = self.place(*self._told(xrays, views, handling))
        given, films = self.develop(placed, handling)
        read = self.read_as(placed)
        reading = self.predictor.reading(self._batch(given, read))[0]
        case = self.judge(reading[0], given, films, tuple(p.said for p in placed), read)
        return self.bounded(case, reading)

    def bounded(self, case: Case, reading: Tensor) -> Case:
        """Give a case its interval, of a reading (C, D, H, W) in HU, and what it promises.

        Where a film is warned of, it promises nothing: the case is not like those calibrated on.
        """
        plan, count = self.intervals, len(case.views)
        found = plan.of(reading, count) if plan else None
        if plan is None or found is None:
            note = plan.without(count) if plan else self.no_intervals
            return replace(case, interval_note=note)
        doubts = ", ".join(dict.fromkeys(caution.code for caution in case.cautions))
        held = f"no guarantee: the X-rays are unlike those calibrated on ({doubts})"
        note = held if doubts and found.calibrated else found.said
        return replace(case, interval=found, interval_note=note)

    def using(
        self,
        engine: str,
        xrays: Sequence[Any],
        views: Angles | None = None,
        handling: Handling | None = None,
        count: int = 1,
    ) -> tuple[Reconstructor, tuple[str, ...]]:
        """Return a reconstructor by an engine for `count` cases, and what there is to say of it.

        `engine` is a name of `repcat predict --engine`. It is checked on these X-rays, which are
        given as to `reconstruct`, and kept beside the model.

        Raises:
            RepcatError: where the engine cannot be had here, or differs from eager.
        """
        handling = handling or Handling()
        placed = self.place(*self._told(xrays, views, handling))
        given, _ = self.develop(placed, handling)
        batch, path = self._batch(given, self.read_as(placed)), self.origin.path
        weights = model_hash(path, self.predictor.step)
        found, told = self.predictor.using(engine, batch, engine_home(path), weights, count)
        origin = replace(self.origin, engine=found.made_by)
        return replace(self, predictor=found, origin=origin), told

    def _told(
        self, xrays: Sequence[Any], views: Angles | None, handling: Handling
    ) -> tuple[list[Film], Angles]:
        """Return the X-rays as films, with what was told of each, and their angles."""
        angles = angles_of(xrays, views, self.views)
        return handling.told_of([film_of(one) for one in xrays]), angles

    def place(self, xrays: Sequence[Any], views: Angles | None = None) -> list[Placed]:
        """Read the X-rays; a model of certain views gets them in the order of those."""
        angles = angles_of(xrays, views, self.views)
        films = [film_of(one) for one in xrays]
        placed = [Placed(*settle(f, angle)) for f, angle in zip(films, angles, strict=True)]
        return at_any_angle(placed) if self.any_views else in_order(placed, self.views)

    def read_as(self, placed: Sequence[Placed]) -> tuple[View, ...]:
        """Return the view that each placed X-ray is read as."""
        return tuple(one.view for one in placed) if self.any_views else self.views

    def develop(
        self, placed: Sequence[Placed], handling: Handling
    ) -> tuple[Tensor, tuple[Film, ...]]:
        """Return images (N, rows, columns) in [0, 1] as the model reads them, and what was done."""
        developer = Developer(self.recipe, self.reference, handling)
        views = self.read_as(placed)
        done = [developer.develop(*one) for one in zip(placed, views, strict=True)]
        taken = "axial-slice" in handling.accept
        films = tuple(
            check_no_slice(film, image, view, self.reference, taken)
            for (image, film), view in zip(done, views, strict=True)
        )
        images = torch.stack([image for image, _ in done])
        if height_profiles.ACCEPTED not in handling.accept:
            films = height_profiles.marked(films, [*images], views, self.reference.geometry)
        return images, films

    def volume(self, given: Tensor, views: tuple[View, ...] | None = None) -> Tensor:
        """Predict (D, H, W) in HU from images (N, rows, columns) in [0, 1].

        `views` are those of the training unless told, as `read_as` gives them.
        """
        return self.predictor.volume(self._batch(given, views or self.views))[0]

    def _batch(self, given: Tensor, views: tuple[View, ...]) -> Batch:
        nothing = torch.full((1, 1, *self.reference.geometry.voxels), torch.nan)
        return Batch(("case",), given[None], views, nothing)

    def judge(
        self,
        volume: Tensor,
        given: Tensor,
        films: tuple[Film, ...],
        said: tuple[str, ...],
        views: tuple[View, ...] | None = None,
    ) -> Case:
        """Project the volume again, hold the films against the training, and bind it all up."""
        views = views or self.views
        again = reproject(volume, views, self.recipe, self.reference, self.projector)
        return Case(
            volume=volume,
            given=given,
            reprojected=again,
            agreement=agreement(given, again, views),
            views=views,
            films=films,
            said=said,
            cautions=self._cautions(given, films, views),
            geometry=self.reference.geometry,
            window=self.recipe.window,
            origin=self.origin,
        )

    def _cautions(
        self, given: Tensor, films: tuple[Film, ...], views: tuple[View, ...]
    ) -> tuple[Caution, ...]:
        found = [*few_cautions(self.reference), *(c for film in films for c in film.cautions)]
        for k, image in enumerate(given):
            others = (*views[:k], *views[k + 1 :])
            found += cautions_of(image, views[k], others, self.reference, films[k].oriented)
        return (*found, *(count_cautions(len(views), self.recipe.data) if self.any_views else ()))
