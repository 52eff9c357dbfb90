"""What there is to download: each collection with its size, its licence and what is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from repcat.data.fetch.collections import SEVEN, Collection
from repcat.data.fetch.index import ct_series
from repcat.data.fetch.selection import select
from repcat.data.fetch.series import Series, gigabytes
from repcat.data.fetch.source import citations, licences


def list_collections(seed: int = 0) -> list[dict[str, Any]]:
    """Return the seven collections of the paper as plain values."""
    found = ct_series([c.id for c in SEVEN])
    return [_entry(c, found[c.id], seed) for c in SEVEN]


def _entry(collection: Collection, series: Sequence[Series], seed: int) -> dict[str, Any]:
    chosen = select(series, seed).chosen
    return {
        "name": collection.name,
        "collection": collection.id,
        "patients": len({one.patient for one in series}),
        "ct_series": len(series),
        "gigabytes": round(gigabytes(series), 1),
        "chosen": len(chosen),
        "chosen_gigabytes": round(gigabytes(chosen), 1),
        "licence": licences(chosen),
        "non_commercial": non_commercial(licences(chosen)),
        "cite": citations(chosen),
        "dataset": collection.dataset,
    }


def non_commercial(names: Sequence[str]) -> bool:
    """Whether one of these licences keeps to non-commercial use."""
    return any("-NC" in name for name in names)
