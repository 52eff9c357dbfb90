"""Recipes without paths: nothing of the machine they were trained on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from repcat.config.recipe import Choice, Recipe
from repcat.inference.exported import LEFT_OUT
from repcat.registry.options import keyword_parameters
from repcat.registry.parts import Parts
from repcat.registry.registry import Registry


def portable(recipe: Recipe, parts: Parts) -> Recipe:
    """Put a default, or `not-exported`, in the place of every option that is a path.

    A dataset's files stay where they are, and an encoder's starting weights are among the weights.
    """
    return replace(
        recipe,
        dataset=_without_paths(recipe.dataset, parts.datasets),
        mapper=_without_paths(recipe.mapper, parts.mappers),
        backbone=_without_paths(recipe.backbone, parts.backbones),
        objective=_without_paths(recipe.objective, parts.objectives),
    )


def _without_paths(choice: Choice, registry: Registry) -> Choice:
    parameters = keyword_parameters(registry.get(choice.use).factory).items()
    spare = {n: LEFT_OUT if p.default is p.empty else p.default for n, p in parameters}
    options = {n: spare[n] if _is_path(n, value) else value for n, value in choice.options.items()}
    return Choice(choice.use, options)


def _is_path(name: str, value: Any) -> bool:  # noqa: ANN401  (whatever an option may be)
    """Tell a path by its type, its option's name, or how it is written."""
    if isinstance(value, list | tuple):
        return any(_is_path(name, v) for v in value)
    if isinstance(value, Path):
        return True
    if not isinstance(value, str) or not value:
        return False
    named = name in ("path", "weights", "file", "folder") or name.endswith(("_path", "_file"))
    return named or value.startswith("~") or "/" in value or "\\" in value
