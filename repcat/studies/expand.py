"""Expansion of a study's rows to recipes, and to the `--set` words that make them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from repcat.config.load import merge, parse_setting, read_tables
from repcat.config.recipe import Recipe
from repcat.config.schema import DataTable
from repcat.config.validate import check_recipe
from repcat.errors import RecipeError
from repcat.registry import options
from repcat.registry.parts import Parts
from repcat.studies.rows import StudyRow
from repcat.studies.spec import Study
from repcat.training.begin import leaves

CHOSEN = {"data": "datasets"} | {k: f"{k}s" for k in ("mapper", "backbone", "objective")}
Keys = set[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Variant:
    """A row ready to train: what to `--set` over its recipe file, but for the seed."""

    row: StudyRow
    recipe: Recipe
    settings: tuple[str, ...]


def variants(study: Study, settings: Sequence[str], parts: Parts) -> list[Variant]:
    """Compose every row that can be trained and check them all before any is.

    A row is its recipe, the study's change, its own change, then `settings`; a key that the row
    changes stays the row's. A setting of an option that a row's part has not is left out of that
    row, so that rows of different parts take the settings meant for them; one that no row takes is
    refused.
    """
    asked: dict[str, Any] = {}
    for setting in settings:
        asked = merge(asked, parse_setting(setting))
    wanted = _join(study.change, asked)
    found, taken = [], set()
    for row in study.rows:
        if row.recipe is None or not_installed(row, parts):
            continue
        base = read_tables(row.recipe)
        tables, used = compose(base, row.change, wanted, parts)
        taken |= used
        recipe = check_recipe(tables, f"{study.file}: row {row.name!r}", parts)
        over = overlay(base, tables).items()
        found.append(Variant(row, recipe, tuple(f"{k} = {inline(table)}" for k, table in over)))
    _check_taken(asked, taken, found, parts)
    return found


def not_installed(row: StudyRow, parts: Parts) -> bool:
    """True where the plugin that a row needs is not there, or was set aside."""
    return bool(row.needs) and row.needs not in parts.plugins


def compose(
    base: Mapping[str, Any], change: Mapping[str, Any], asked: Mapping[str, Any], parts: Parts
) -> tuple[dict[str, Any], Keys]:
    """Return a row's tables, and which keys of `asked` it took or set itself."""
    own = merge(base, change)
    kept = _without(asked, change)
    for name, kind in CHOSEN.items():
        if isinstance(kept.get(name), Mapping):
            use = kept[name].get("use", own.get(name, {}).get("use"))
            known = _known(name, kind, str(use), parts)
            kept[name] = {k: v for k, v in kept[name].items() if known is None or k in known}
    taken = leaves(kept).keys() | (leaves(asked).keys() & leaves(change).keys())
    return merge(merge(own, kept), change), taken


def _join(change: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Merge the study's change and what is asked; a change that names no part is of any part."""
    found = merge(change, asked)
    for name in CHOSEN:
        below, above = change.get(name), asked.get(name)
        if isinstance(below, Mapping) and isinstance(above, Mapping) and "use" not in below:
            found[name] = merge(below, above)
    return found


def overlay(base: Mapping[str, Any], tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return what, merged over `base`, gives `tables`."""
    over: dict[str, Any] = {}
    for name, table in tables.items():
        old: Any = base.get(name)
        nested = isinstance(old, Mapping) and isinstance(table, Mapping)
        if nested and old.get("use") == table.get("use"):
            over |= {name: changed} if (changed := overlay(old, table)) else {}
        elif old != table:
            over[name] = table
    return over


def inline(value: Any) -> str:  # noqa: ANN401  (whatever TOML may hold)
    """Write a value as TOML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k} = {inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(inline(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool | str) else repr(value)


def _without(asked: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out of `asked` what `change` sets."""
    kept: dict[str, Any] = {}
    for key, value in asked.items():
        if key not in change:
            kept[key] = value
        elif isinstance(value, Mapping) and isinstance(change[key], Mapping):
            kept[key] = _without(value, change[key])
    return kept


def _known(name: str, kind: str, use: str, parts: Parts) -> set[str] | None:
    """Return the options of a table, None where its part is unknown (which `check` tells)."""
    part = parts.registry(kind).parts.get(use)
    if part is None:
        return None
    also = options.keyword_parameters(DataTable) if name == "data" else ()
    return {*options.keyword_parameters(part.factory), *also, "use", "optim"}


def _check_taken(
    asked: Mapping[str, Any], taken: Keys, found: Sequence[Variant], parts: Parts
) -> None:
    for lost in sorted(leaves(asked).keys() - taken):
        table, uses = lost[0], {v.recipe.to_tables()[lost[0]]["use"] for v in found}
        known = {o for use in uses for o in _known(table, CHOSEN[table], use, parts) or ()}
        msg = f"--set {'.'.join(lost)}: no row has this option{options.nearest(lost[-1], known)}"
        raise RecipeError(msg, code="no-such-option")
