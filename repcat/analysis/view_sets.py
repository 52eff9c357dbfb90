"""View sets: scores of one model over the number of its X-rays and how they are spread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from torch import Tensor

from repcat.runs.opened import OpenRun
from repcat.scoring.protocols import STANDARD, protocol
from repcat.scoring.summary import Row
from repcat.types import Batch, Patient
from repcat.view import View


@dataclass(frozen=True, slots=True)
class ViewSet:
    """Some views, by their azimuths in degrees, and how they are spread."""

    pattern: str
    azimuths: tuple[float, ...]

    @property
    def name(self) -> str:
        """Say how many views there are, and how they are spread."""
        count = len(self.azimuths)
        return f"{count} view{'s' * (count != 1)}, {self.pattern}"

    @property
    def views(self) -> tuple[View, ...]:
        """The views."""
        return tuple(View(azimuth) for azimuth in self.azimuths)


def even(count: int, over: float = 180.0, start: float = 0.0) -> tuple[float, ...]:
    """Return azimuths that share out an arc of degrees, its end left out."""
    return tuple(start + over * n / count for n in range(count))


# From one to eight: even over half a turn, in a narrow arc, in pairs that face each other (which
# tell little more than one of each), and between the angles that recipes name.
SETS = (
    ViewSet("frontal", (0.0,)),
    ViewSet("lateral", (90.0,)),
    ViewSet("even", even(2)),
    ViewSet("opposed", even(2, 360)),
    ViewSet("30 degrees apart", (0.0, 30.0)),
    ViewSet("even", even(3)),
    ViewSet("even", even(4)),
    ViewSet("opposed", even(4, 360)),
    ViewSet("in 60 degrees", even(4, 60)),
    ViewSet("even from 11", even(4, 180, 11)),
    ViewSet("even", even(6)),
    ViewSet("even", even(8)),
    ViewSet("opposed", even(8, 360)),
)


def view_set_rows(
    patient: Patient, opened: OpenRun, predict: Callable[[Batch], Tensor]
) -> Iterator[Row]:
    """Project the truth in each set of views, predict from it, and score by protocol `standard`.

    All sets are projected anew, so that they differ in their views alone. `predict` turns a batch
    of one into HU (D, H, W); its network must take any views.
    """
    recipe, patients, truth = opened.recipe, opened.patients, patient.volume.float()
    score = protocol(STANDARD, opened.parts).against(truth, recipe.window)
    mu = patients.attenuate(truth)
    for one in SETS:
        integrals = opened.projector(mu, patients.geometry, one.views).cpu()
        batch = opened.cache.of(replace(patient, integrals=integrals), one.views)
        yield Row(patient.id, one.name, {"views": float(len(one.views))} | score(predict(batch)))
