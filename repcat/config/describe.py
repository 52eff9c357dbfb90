"""Description of every part and table as plain data, for `repcat parts` and the docs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from repcat.config.draw_table import DrawTable
from repcat.config.film_table import FilmTable
from repcat.config.schema import AugmentTable, DataTable, OptimTable, TrainTable
from repcat.errors import PartError
from repcat.registry.options import nearest, options_of
from repcat.registry.plugins import load_parts
from repcat.registry.registry import KINDS, Part

TABLES = {
    "data": DataTable,
    "data.views_drawn": DrawTable,
    "augment": AugmentTable,
    "augment.film": FilmTable,
    "optim": OptimTable,
    "train": TrainTable,
}


def inventory(kind: str | None = None, name: str | None = None) -> list[dict[str, Any]]:
    """Describe all parts, those of a kind, or one; `kind` may also be a table of the recipe."""
    if kind in TABLES:
        table = TABLES[kind]
        return [_describe("tables", Part(kind, table, "repcat"))]
    if kind and f"{kind.removesuffix('s')}s" not in KINDS:
        msg = f"there is no kind of part called {kind!r}{nearest(kind, [*KINDS, *TABLES])}"
        raise PartError(msg, code="no-such-kind")
    found = [load_parts().registry(kind)] if kind else load_parts().registries()
    return [_describe(r.kind, r.get(n)) for r in found for n in ([name] if name else r.names())]


def broken() -> dict[str, str]:
    """Return the plugins that were set aside, and why."""
    return {b.plugin: b.reason for b in load_parts().broken}


def _describe(kind: str, part: Part) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": part.name,
        "summary": part.summary,
        "origin": part.origin,
        "options": [asdict(option) for option in options_of(part.factory)],
    }
