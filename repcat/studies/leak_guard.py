"""Leak guard of a study: no scan that a row is trained on is one that it is scored on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path

from repcat.contracts import Patients
from repcat.data.leaks import check_apart, check_leaks
from repcat.errors import RepcatError
from repcat.models.build import open_patients
from repcat.registry.parts import Parts
from repcat.studies.spec import Place
from repcat.studies.status import StudyRun


def check_study(runs: Sequence[StudyRun], places: Sequence[Place], parts: Parts) -> None:
    """Compare the marks of each dataset's splits, and of what is trained on with what is tested.

    Raises:
        DataError: where one scan is on both sides.
    """
    seen = set()
    for one, place in product(runs, places):
        pair = str(one.recipe.dataset), place.path
        if pair in seen:
            continue
        seen.add(pair)
        if trained := _opened(one, parts):
            check_leaks(trained)
            if place.path and (tested := _opened(one, parts, place.path)):
                check_apart(trained, tested)


def _opened(one: StudyRun, parts: Parts, path: Path | None = None) -> Patients | None:
    """Open a dataset; one that cannot be is told of where it is needed."""
    try:
        return open_patients(one.recipe, parts, path)
    except RepcatError:
        return None
