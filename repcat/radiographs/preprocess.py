"""Preprocessing: a film to what the model reads; every step in words."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from repcat.config.recipe import Recipe
from repcat.data.grey_levels import match
from repcat.data.intensity import to_unit
from repcat.radiographs.burned_in_text import cover_marks
from repcat.radiographs.intensity import absorb
from repcat.radiographs.options import Handling
from repcat.radiographs.orientation import NAMES, UPRIGHT, undo
from repcat.radiographs.radiograph import Film
from repcat.radiographs.resample import check_large_enough, onto_detector, reduce, scale
from repcat.radiographs.training_reference import TrainingReference
from repcat.radiographs.view_matching import Placed, align, turn_film
from repcat.view import View


@dataclass(frozen=True, slots=True)
class Developer:
    """What a model wants to read, and how films are to be taken."""

    recipe: Recipe
    reference: TrainingReference
    handling: Handling

    def develop(self, placed: Placed, view: View) -> tuple[Tensor, Film]:
        """Return an image (rows, columns) in [0, 1], read as a view, and what was done."""
        geometry = self.reference.geometry
        check_large_enough(placed.film, geometry)
        film = align(placed, view, geometry)
        film = self._bone_bright(reduce(film), view)
        film = cover_marks(film)
        image, done = self._read(film, view)
        if self.handling.turn == "auto" and self.reference.nearest(view).near:
            best = int(self.reference.belief(image, view, film.oriented).argmax())
            if best != UPRIGHT:
                film = turn_film(film, best, f"it looked {NAMES[undo(best)]}")
                image, done = self._read(film, view)
        return image, done

    def _read(self, film: Film, view: View) -> tuple[Tensor, Film]:
        """Scale a film, sample it on the detector and match its grey values."""
        film = scale(film, self.reference.geometry)
        image = onto_detector(film, self.reference.geometry)
        how = self.handling.match
        if film.grey == "integrals":
            data = self.recipe.data
            image = to_unit(image.clamp(min=0), data.xray, data.xray_full, data.xray_bits)
            film = film.step(f"line integrals scaled as in training ({data.xray})")
            how = "none" if how == "auto" else how
        how = "percentile" if how == "auto" else how
        if how != "none":
            film = film.step(f"grey values matched to the training X-rays by {how}")
        return match(image, self.reference.greys(view), how), film

    def _bone_bright(self, film: Film, view: View) -> Film:
        """Make grey grow with absorption, as told, as the header says, or as looks likelier."""
        grey = self.handling.grey if self.handling.grey != "auto" else film.grey
        if grey is None:
            grey = "bone_dark" if self._looks_dark(film, view) else "bone_bright"
        return absorb(film, grey)

    def _looks_dark(self, film: Film, view: View) -> bool:
        image = onto_detector(scale(film, self.reference.geometry), self.reference.geometry)
        dark = image.max() - image
        return self.reference.distance(dark, view) < self.reference.distance(image, view)
