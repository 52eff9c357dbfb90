"""Intervals: the lower and the upper volume of a prediction, as far as a run can give them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from repcat.config.recipe import Recipe
from repcat.errors import RunError
from repcat.geometry import Geometry
from repcat.inference.exported import is_exported
from repcat.io.notice import SYNTHETIC
from repcat.models.network import BOUNDS
from repcat.runs.calibration import FILE, Calibration
from repcat.scoring.interval_sets import Quantiles
from repcat.scoring.organ_figures import organ_figures
from repcat.types import Window

# An organ figure: its value, and the lowest and the highest that it may be; None: not known.
Span = tuple[float | None, float | None, float | None]


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """A lower and an upper volume (D, H, W) in HU, whole numbers, rounded outwards.

    `said` is what they promise. `figures` are those of the organs.
    """

    lower: Tensor
    upper: Tensor
    factor: float
    calibrated: bool
    said: str
    figures: Mapping[str, Span]

    @property
    def sides(self) -> dict[str, Tensor]:
        """Both volumes by their names."""
        return dict(zip(BOUNDS, (self.lower, self.upper), strict=True))

    def note(self, side: str) -> str:
        """Return what the file of a side says in its header."""
        return f"{SYNTHETIC}: {side} end of an interval; {self.said}"


@dataclass(frozen=True, slots=True)
class Intervals:
    """How a run's intervals are made: by a calibration, or, without one, its raw quantiles."""

    calibration: Calibration | None
    window: Window
    geometry: Geometry

    def of(self, reading: Tensor, views: int) -> Interval | None:
        """Return the interval of a reading (3, D, H, W) in HU; None for a number of views unknown.

        `views` is how many X-rays it was read from.
        """
        raw: Mapping[str, Any] = {"factor": 1.0, "figures": {}}
        entry = self.calibration.entry(views) if self.calibration else raw
        if entry is None:
            return None
        factor = float(entry["factor"])
        lower, upper = Quantiles(*reading).at(factor, self.window)
        return Interval(
            lower.floor(),
            upper.ceil(),
            factor,
            self.calibration is not None,
            self.promise,
            self._figures(reading[0], entry["figures"]),
        )

    @property
    def promise(self) -> str:
        """What the intervals promise."""
        raw = "raw quantiles, not calibrated: no guarantee"
        return self.calibration.promise if self.calibration else raw

    def without(self, views: int) -> str:
        """Say that there is no interval for a number of views."""
        entries = self.calibration.factors if self.calibration else []
        known = ", ".join(str(entry["views"]) for entry in entries)
        return f"no interval: {FILE} knows {known} views, not {views}"

    def _figures(self, hu: Tensor, sides: Mapping[str, Sequence[float] | None]) -> dict[str, Span]:
        return {
            name: _span(value, sides.get(name))
            for name, value in organ_figures(hu, self.geometry).items()
        }


def _span(value: float, sides: Sequence[float] | None) -> Span:
    if math.isnan(value):
        return None, None, None
    if sides is None:
        return value, None, None
    below, above = sides
    return value, max(0.0, value - below), max(0.0, value + above)


Planned = tuple[Intervals | None, str]


def plan_intervals(
    folder: Path,
    recipe: Recipe,
    geometry: Geometry,
    weights: Callable[[], str],
    *,
    raw: bool = False,
) -> Planned:
    """Return how a run's intervals are made, and what to say where there are none to give.

    `weights` returns the hash of what predicts; `raw` asks for the quantiles as they are where
    they are not calibrated.

    Raises:
        RunError: where calibration.json is damaged, or `raw` is asked of a run without quantiles.
    """
    if not recipe.train.has_quantiles:
        if raw:
            raise no_quantiles(folder)
        return None, ""
    if recipe.data.volume == "minmax":
        return None, "no intervals: the model knows no HU (data.volume = 'minmax')"
    found, cure = Calibration.read(folder), f"run: repcat calibrate {folder}"
    if is_exported(folder):
        cure = "calibrate its run and export it again"
    if found and found.weights == weights():
        return Intervals(found, recipe.window, geometry), ""
    why = f"{FILE} is of other weights (step {found.step})" if found else "not calibrated"
    if raw:
        return Intervals(None, recipe.window, geometry), f"{why}: raw quantiles, no guarantee"
    return None, f"no intervals: {why}; {cure}, or add --uncalibrated for the raw quantiles"


def no_quantiles(folder: Path) -> RunError:
    """Return what tells that a run has learnt no quantiles."""
    msg = (
        f"{folder} has learnt no quantiles, from which intervals are made; train with "
        "--set 'train.quantiles = [0.05, 0.95]' (from a run that there is: repcat train --from)"
    )
    return RunError(msg, code="no-quantiles")
