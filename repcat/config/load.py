"""Recipe files: TOML, `extends`, `--set`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from repcat.config import shipped
from repcat.config.recipe import Recipe
from repcat.config.validate import check_recipe
from repcat.errors import DataError, RecipeError, cut, shown
from repcat.io import small_text
from repcat.registry.parts import Parts

MOST_EXTENDED = 20  # recipes, one over the other


def read(path: Path, settings: Sequence[str] = (), *, parts: Parts) -> Recipe:
    """Read a recipe file, follow `extends`, apply `--set` settings and check it all.

    Raises:
        RecipeError: with one line for each problem.
    """
    tables = read_tables(path)
    for setting in settings:
        tables = merge(tables, parse_setting(setting))
    return check_recipe(tables, str(path), parts)


def parse_setting(setting: str) -> dict[str, Any]:
    """Read what a `--set` gives: TOML on one line, or more of it by @FILE or @NAME."""
    if setting.startswith("@"):
        return read_tables(shipped.find(Path(setting[1:]), "setting"))
    return parse_toml(setting, f"--set {shown(setting)}")


def read_tables(path: Path, above: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Read a TOML file and merge it over the one it extends."""
    try:
        path = path.resolve()
        text = small_text.read_small(path)
    except (DataError, OSError, RuntimeError, ValueError) as error:  # a loop of links, NUL
        why = getattr(error, "strerror", None) or error
        told = f"cannot read the recipe {cut(str(path))}: {cut(str(why))}"
        msg = f"{told}; name a TOML file, or one of `repcat recipes`"
        raise RecipeError(msg, code="recipe-unreadable") from None
    if path in above or len(above) > MOST_EXTENDED:
        fault = "itself" if path in above else f"more than {MOST_EXTENDED} others"
        chain = cut(" -> ".join(p.name for p in above))
        msg = f"{cut(str(path))} extends {fault} through {chain}; cut the chain"
        raise RecipeError(msg, code="extends-itself")
    tables = parse_toml(text, str(path))
    if "extends" not in tables:
        return tables
    base = tables.pop("extends")
    if not isinstance(base, str):
        msg = f"{cut(str(path))}: extends must be the path or name of one recipe, not {shown(base)}"
        raise RecipeError(msg, code="extends-not-a-path")
    below = shipped.beside(base, "recipe", path.parent)
    return merge(read_tables(below, (*above, path)), tables)


def merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Merge tables key by key; a table that changes `use` starts afresh."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            use = old.get("use")
            value = merge(old, value) if value.get("use", use) == use else value
        merged[key] = value
    return merged


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """Parse TOML that came from `where`, a file or a `--set`."""
    try:
        return small_text.parse_toml(text)
    except DataError as error:
        hint = "; strings need quotes: 'backbone.use = \"unet\"'"
        hint *= where.startswith("--set") and error.code == "not-toml"
        msg = f"{cut(where)} is not TOML: {cut(str(error))}{hint}"
        raise RecipeError(msg, code=error.code) from None
