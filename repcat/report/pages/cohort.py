"""Cohort of a page: a run's patients; truth, prediction, X-rays given and cast."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from repcat.data.ct.reader import read_hu
from repcat.registry.parts import Parts
from repcat.report.html.viewer_data import Layer, Scene, Shot, spread
from repcat.runs.opened import OpenRun
from repcat.runs.saved_predictions import SavedPredictions
from repcat.scoring.metric_info import column
from repcat.scoring.protocols import STANDARD, protocol
from repcat.scoring.score_file import score_path
from repcat.scoring.score_patient import FAITHFULNESS
from repcat.scoring.score_table import check_predicted, read_scores
from repcat.scoring.summary import MODEL

Figures = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Cohort:
    """A run's predictions on one split of one dataset."""

    opened: OpenRun
    split: str
    saved: SavedPredictions
    figures: Figures

    @property
    def files(self) -> Mapping[str, Path]:
        """The volumes by patient."""
        return self.saved.files

    @property
    def ranking(self) -> str:
        """The figure that patients are ranked by; empty where nothing is scored."""
        return next((name for row in self.figures.values() for name in row), "")

    def ranked(self) -> list[str]:
        """Return the ids, best first by the ranking figure; in the dataset's order without one."""
        name = self.ranking
        sign = 1 if column(name).better == "down" else -1

        def worth(patient: str) -> float:
            value = self.figures.get(patient, {}).get(name, math.nan)
            return math.inf if math.isnan(value) else sign * value

        return sorted(self.files, key=worth) if name else list(self.files)


def open_cohort(path: Path, parts: Parts, data: Path | None, split: str) -> Cohort:
    """Open a run's predictions and their scores where it was evaluated.

    Raises:
        RunError: when there is no prediction, with the command that makes them.
    """
    opened = OpenRun.of(path, parts, data)
    saved = opened.saved_predictions(split)
    return Cohort(opened, split, saved, _figures(opened, split, saved))


def scenes(cohort: Cohort, count: int) -> list[Scene]:
    """Return `count` patients spread evenly from best to worst; the first ones without scores."""
    ranked = cohort.ranked()
    if not cohort.ranking:
        return [_scene(cohort, i, "") for i in ranked[:count]]
    return [_scene(cohort, i, _role(cohort, i, role)) for i, role in spread(ranked, count).items()]


def _role(cohort: Cohort, patient: str, role: str) -> str:
    value = cohort.figures.get(patient, {}).get(cohort.ranking)
    figure = column(cohort.ranking)
    return role if value is None else f"{role}, {figure.heading} {value:.{figure.digits}f}"


def _scene(cohort: Cohort, patient_id: str, role: str) -> Scene:
    opened = cohort.opened
    recipe, geometry = opened.recipe, opened.patients.geometry
    patient = opened.patients.load(patient_id)
    hu = opened.in_hu(read_hu(cohort.files[patient_id]), patient.volume)
    truth = patient.volume.float().clamp(recipe.window.low, recipe.window.high)
    volumes = {"prediction": hu, "truth": truth}
    layers = tuple(Layer(name, volume, geometry.voxel_mm) for name, volume in volumes.items())
    cast = opened.projector(opened.patients.attenuate(hu), geometry, recipe.views).cpu()
    shots = []
    for view, given, seen in zip(recipe.views, patient.integrals.float(), cast, strict=True):
        top = float(given.max()) or 1.0
        shots.append(Shot(view, given / top, seen / top))
    return Scene(patient_id, layers, tuple(shots), (0, 1), role)


def _figures(opened: OpenRun, split: str, saved: SavedPredictions) -> Figures:
    """Read the model's figures, patient by patient, from the tables that there are.

    Most telling first: the first one ranks.
    """
    found: Figures = {}
    by, xrays = protocol(STANDARD, opened.parts), ("reprojection_psnr", "reprojection_ncc")
    for table, names in {STANDARD: (*by.compared, *by.shown), FAITHFULNESS: xrays}.items():
        path = score_path(opened.run, opened.patients.name, table, split)
        if not path.is_file():
            continue
        check_predicted(path, saved)
        for patient, row in read_scores(path)[MODEL].items():
            known = {name: row[name] for name in names if name in row} or row
            found.setdefault(patient, {}).update(known)
    return found
