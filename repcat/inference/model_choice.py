"""Choice of an installed model: which take the given X-rays, and the best of those by its card."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from repcat.config.recipe import Recipe
from repcat.config.view_rule import counts
from repcat.errors import DataError, RepcatError, RunError
from repcat.geometry import Geometry
from repcat.inference.exported import read_facts
from repcat.inference.given_xrays import Angles
from repcat.inference.installed import EmptySource, Installed, installed_models
from repcat.inference.model_record import ModelRecord, StatedScores
from repcat.radiographs.cli_argument import settle
from repcat.radiographs.radiograph import Film
from repcat.radiographs.view_matching import Placed, at_any_angle, in_order
from repcat.registry.parts import Parts
from repcat.registry.plugins import load_parts
from repcat.scoring.baselines import MEAN_VOLUME
from repcat.scoring.summary import MODEL


@dataclass(frozen=True, slots=True)
class Described:
    """An installed model that can be used here: what it states, reads and gives."""

    model: Installed
    record: ModelRecord
    recipe: Recipe
    geometry: Geometry
    any_views: bool

    @property
    def takes(self) -> str:
        """The views that it reads, in words."""
        if not self.any_views:
            return f"{', '.join(map(str, self.recipe.views))} degrees"
        least, most = counts(self.recipe.data)
        number = f"{least} to {most}" if least < most else f"{most}"
        return f"{number} view{'s' * (most != 1)} at any angle"

    def rank(self, views: int) -> tuple[bool, float]:
        """Return what is larger the better it is, as stated, for so many views."""
        main = self.record.main
        psnr = main.mean(MODEL) if main else None
        if main is None or psnr is None:
            return False, -math.inf
        return len(main.views) == views, psnr

    def misfit(self, placed: Sequence[Placed]) -> str:
        """Say why it does not take these X-rays; empty: it does."""
        least, most = counts(self.recipe.data)
        if self.any_views:
            return "" if least <= len(placed) <= most else f"takes {self.takes}"
        try:
            in_order(placed, self.recipe.views)
        except DataError:
            return f"reads {self.takes}"
        return ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """All that is installed: models that can be used, those that cannot, sources without any."""

    usable: list[Described]
    unusable: list[Installed]
    empty: list[EmptySource]

    @classmethod
    def look(cls, parts: Parts) -> Shelf:
        """Read what every installed model says of itself, held against its checksums."""
        models, empty = installed_models()
        usable, unusable = [], [model for model in models if model.why_not]
        for model in (model for model in models if not model.why_not):
            try:
                usable.append(_described(model, parts))
            except RepcatError as error:
                head, *problems = (line.strip(" -") for line in str(error).splitlines())
                why = f"{head} {'; '.join(problems)}".rstrip()
                unusable.append(replace(model, why_not=why))
        return cls(usable, sorted(unusable, key=lambda model: model.name), empty)


def _described(model: Installed, parts: Parts) -> Described:
    record, recipe, geometry = read_facts(model.folder, parts)
    factory = parts.mappers.get(recipe.mapper.use).factory
    return Described(model, record, recipe, geometry, getattr(factory, "any_views", False))


def choose_for(films: Sequence[Film], angles: Angles) -> tuple[Path, str]:
    """Return the folder of the best installed model for films, and why it and no other.

    `angles` are degrees or names, one a film; None leaves it to the film's header.

    Raises:
        DataError: where a film's view is not known, and as `choose_model` does.
        RunError: as `choose_model` does.
    """
    placed = [Placed(*settle(film, angle)) for film, angle in zip(films, angles, strict=True)]
    return choose_model(placed, Shelf.look(load_parts()))


def choose_model(placed: Sequence[Placed], shelf: Shelf) -> tuple[Path, str]:
    """Return the folder of the best model that takes these X-rays, and why it and no other.

    The best is the one of the highest body PSNR that is stated of test patients, from as many views
    before others; one that states none comes last. Of equals the first by name.

    Raises:
        DataError: where two X-rays have one angle, or there are more than eight.
        RunError: where no model is installed, or none takes them.
    """
    if not shelf.usable:
        raise _nothing_installed(shelf)
    at_any_angle(placed)
    reasons = {one.model: one.misfit(placed) for one in shelf.usable}
    fit = [one for one in shelf.usable if not reasons[one.model]]
    why = [f"{m} {reason}" for m, reason in reasons.items() if reason]
    if not fit:
        given = ", ".join(str(replace(one.view, mirrored=False)) for one in placed)
        msg = (
            f"no installed model takes {len(placed)} X-ray{'s' * (len(placed) != 1)} at {given} "
            f"degrees: {'; '.join(why)}; train one (repcat train any_views) and name its run, or "
            "install another; docs/messages.md#no-model-fits"
        )
        raise RunError(msg, code="no-model-fits")
    best = max(fit, key=lambda one: one.rank(len(placed)))
    why = [f"{one.model} {_score(one)}" for one in fit if one is not best] + why
    why += [f"{model} cannot be used: {model.why_not}" for model in shelf.unusable]
    others = f"; not taken: {'; '.join(why)}" if why else ""
    return best.model.folder, f"model {best.model} ({best.takes}; {_score(best)}){others}"


def _score(one: Described) -> str:
    if (main := one.record.main) is None:
        return "states no score"
    return f"body PSNR {main.mean(MODEL):.2f} dB from {_views(main)} on {main.dataset}"


def _views(scores: StatedScores) -> str:
    return f"{len(scores.views)} view{'s' * (len(scores.views) != 1)}"


def _nothing_installed(shelf: Shelf) -> RunError:
    lost = [f"{model} cannot be used: {model.why_not}" for model in shelf.unusable]
    lost += [f"{one.source}: {one.reason}" for one in shelf.empty]
    told = f" ({'; '.join(lost)})" if lost else ""
    msg = (
        f"no model is installed that can be used{told}: pip install repcat-weights, or name a run "
        "that you trained (repcat demo makes one): repcat predict RUN --xray ...; "
        "docs/messages.md#no-model-installed"
    )
    return RunError(msg, code="no-model-installed")


def score_words(scores: StatedScores) -> str:
    """Say what a model scored: body PSNR with its interval beside the mean volume, and of whom."""
    low_high = ""
    if scores.interval:
        low, high = scores.interval
        low_high = f" [{low:.2f}, {high:.2f}]{' (range)' * scores.is_range}"
    mean = scores.mean(MEAN_VOLUME)
    beside = "" if mean is None else f", mean volume {mean:.2f}"
    whom = f"{scores.patients} {scores.split} patient{'s' * (scores.patients != 1)}"
    return (
        f"body PSNR {scores.mean(MODEL):.2f} dB{low_high}{beside}; {whom} of {scores.dataset}, "
        f"{_views(scores)}, protocol {scores.protocol}"
    )
