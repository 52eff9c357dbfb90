"""Effects of a film by name, and tables that have one of them alone."""

from __future__ import annotations

from dataclasses import replace

from repcat.config.film_table import FilmTable

# The options that each effect goes by, in the order in which they come about.
EFFECTS: dict[str, tuple[str, ...]] = {
    "breath": ("breath_scale", "breath_shift"),
    "arms": ("arms",),
    "clothing": ("clothing",),
    "hardening": ("kvp",),
    "collimation": ("collimation",),
    "scatter": ("scatter",),
    "scatter, grid": ("scatter", "grid"),
    "blur": ("blur",),
    "noise": ("dose", "electronic"),
    "gamma": ("gamma",),
    "sigmoid": ("sigmoid",),
    "clahe": ("clahe",),
    "letters": ("letters",),
}
NONE = FilmTable(each=1.0)


def alone(table: FilmTable, effect: str) -> FilmTable:
    """Return a table by which this effect befalls every film, as strong as `table` has it."""
    options = {name: getattr(table, name) for name in EFFECTS[effect]}
    return replace(NONE, **options | ({"grid": 1.0} if "grid" in options else {}))


def effects_of(table: FilmTable) -> list[str]:
    """Return the effects that a table has."""
    return [name for name in EFFECTS if _is_on(table, name)]


def _is_on(table: FilmTable, effect: str) -> bool:
    names = EFFECTS[effect]
    told = any(getattr(table, name) != getattr(NONE, name) for name in names)
    return told and ("grid" not in names or table.grid > 0)
