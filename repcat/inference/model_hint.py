"""Which model would serve the views that a person has?"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

from repcat.errors import RecipeError
from repcat.geometry import View


def who_serves(run: Path, views: Sequence[View]) -> str:
    """Name a run beside this one that reads these views, or say how to train one."""
    wanted = sorted(round(view.azimuth, 3) for view in views)
    beside = run.resolve().parent
    for recipe in sorted(beside.glob("*/recipe.toml")) if beside.is_dir() else []:
        if _views_of(recipe) == wanted:
            return f"{recipe.parent.name}, beside it, would serve"
    angles = ", ".join(f"{angle:g}" for angle in sorted({*wanted}))
    return (
        "a model of your views would serve: "
        f"repcat train RECIPE --out NEW --set 'data.views = [{angles}]'"
    )


def _views_of(recipe: Path) -> list[float] | None:
    try:
        views = tomllib.loads(recipe.read_text("utf-8"))["data"]["views"]
        return sorted(round(View.parse(view).azimuth, 3) for view in views)
    except (OSError, ValueError, LookupError, TypeError, RecipeError):
        return None
