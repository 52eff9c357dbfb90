"""Download of a collection: what is missing, the transfer, what failed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repcat.data.download.collections import SEVEN, Collection
from repcat.data.download.idc_bucket import ENDPOINT, download, fault_of
from repcat.data.download.idc_index import ct_series, index_version
from repcat.data.download.selection import Selection, select
from repcat.data.download.series import Series, gigabytes
from repcat.data.download.source_record import (
    check_same_source,
    citations,
    licences,
    source_table,
    write_source,
)
from repcat.errors import DataError
from repcat.io.atomic import os_errors_as_data_errors, sweep

# So many series that fail one after the other are no accident of theirs: the net is down.
PATIENCE = 3
SPARE = 1_000_000_000  # bytes that a download leaves free on the disk


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of a collection: the chosen series, of all that could be, and where to."""

    collection: Collection
    selection: Selection
    wanted: tuple[Series, ...]
    out: Path
    seed: int = 0

    @property
    def there(self) -> tuple[Series, ...]:
        """The series that are whole on disk, of this call and of earlier ones."""
        return tuple(s for s in self.selection.chosen if is_whole(s, self.out))

    @property
    def missing(self) -> tuple[Series, ...]:
        """The wanted series that are not on disk, or not whole."""
        return tuple(s for s in self.wanted if not is_whole(s, self.out))


@dataclass(frozen=True, slots=True)
class Failure:
    """A series that did not come, and why."""

    series: Series
    reason: str


def make_order(
    collection: Collection, limit: int | None = None, seed: int = 0, out: Path | None = None
) -> Order:
    """Choose the series of a collection's first `limit` patients; nothing is contacted."""
    selection = select(ct_series([collection.id])[collection.id], seed)
    if not selection.chosen:
        msg = (
            f"{collection.name}: none of its {len(selection.without)} patients with CT has a chest "
            "CT by the rule of repcat fetch (see --help)"
        )
        raise DataError(msg, code="no-chest-ct")
    wanted = selection.chosen[:limit]
    return Order(collection, selection, wanted, out or collection.downloads, seed)


def is_whole(one: Series, out: Path) -> bool:
    """Whether a series is there with all its files and bytes."""
    return not fault_of(one, out / one.folder)


def carry_out(
    order: Order,
    endpoint: str = ENDPOINT,
    advance: Callable[[int, str], None] = lambda done, note: None,
) -> list[Failure]:
    """Download what is missing; what is whole stays, whatever ends this call.

    `advance(done, note)` is told after each series. What fails is told and left for the next call.

    Raises:
        DataError: when the folder holds another selection or the disk is too small for this one.
    """
    missing = order.missing
    check_same_source(order.out, _table(order, order.wanted))
    with os_errors_as_data_errors(order.out):
        order.out.mkdir(parents=True, exist_ok=True)
    check_room(missing, order.out)
    sweep(order.out)
    try:
        return _download(order.out, missing, endpoint, advance)
    finally:
        there = order.there
        if there:
            write_source(order.out, _table(order, there))


def check_room(missing: tuple[Series, ...], out: Path) -> None:
    """Refuse to begin what the disk cannot hold."""
    free = shutil.disk_usage(out).free
    needed = sum(one.size for one in missing)
    if missing and needed + SPARE > free:
        msg = (
            f"{out}: {gigabytes(missing):.1f} GB are to come and {free / 1e9:.1f} GB are free; "
            "choose a smaller --limit, or another disk with --out"
        )
        raise DataError(msg, code="disk-space")


def _download(
    out: Path, missing: tuple[Series, ...], endpoint: str, advance: Callable[[int, str], None]
) -> list[Failure]:
    failures: list[Failure] = []
    came: list[Series] = []
    in_a_row = 0
    for done, one in enumerate(missing, start=1):
        try:
            download(one, out, endpoint)
            came.append(one)
            in_a_row = 0
        except DataError as error:
            failures.append(Failure(one, str(error)))
            in_a_row += 1
        advance(done, f"{gigabytes(came):.1f} of {gigabytes(missing):.1f} GB")
        if in_a_row == PATIENCE:
            break
    return failures


def _table(order: Order, series: tuple[Series, ...]) -> dict[str, object]:
    return source_table(order.collection, series, order.seed, index_version())


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
