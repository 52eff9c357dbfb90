"""case.json: what went in, what was done, what came out; no identity of a patient."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import repcat
from repcat.case.case import Case
from repcat.data.ct.volumes import SYNTHETIC
from repcat.data.film.film import Film
from repcat.geometry import View


def record(case: Case, files: list[str]) -> dict[str, Any]:
    """Return what case.json holds; of the input files their base names and hashes alone."""
    origin = case.origin
    return {
        "notice": SYNTHETIC,
        "repcat": repcat.__version__,
        "run": {
            "path": Path(origin.path).name or str(origin.path),
            "recipe": origin.recipe_sha256,
            "step": origin.step,
            "dataset": origin.dataset,
        },
        "views": [
            _view(view, film, said)
            for view, film, said in zip(case.views, case.films, case.said, strict=True)
        ],
        "geometry": case.geometry.to_dict(),
        "window": [case.window.low, case.window.high],
        "warnings": [caution.to_dict() for caution in case.cautions],
        "reprojection": [dict(row) for row in case.agreement],
        "files": files,
    }


def _view(view: View, film: Film, said: str) -> dict[str, Any]:
    return {
        "azimuth": view.azimuth,
        "mirrored": view.mirrored,
        "name": str(view),
        "file": film.name,
        "sha256": film.sha256,
        "given_as": said,
        "steps": list(film.steps),
    }
