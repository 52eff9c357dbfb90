"""Protocols and single figures as tables in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from repcat.scoring.metric_info import column
from repcat.scoring.protocols import PROTOCOLS

if TYPE_CHECKING:
    from rich.table import Table

    from repcat.scoring.protocols import Protocol

ASPECTS = ("why", "window", "rounding", "psnr", "ssim", "clipping")


def as_dicts() -> list[dict[str, str | float]]:
    """Return every protocol as plain values: what it does and what its peak adds in dB."""
    found: list[dict[str, str | float]] = []
    for p in PROTOCOLS.values():
        found.append({"name": p.name, "offset_db": p.offset_db, **_aspects(p)})
    return found


def protocol_table() -> Table:
    """Return a column for each protocol and a row for each aspect."""
    from rich.table import Table

    table = Table(show_lines=True)
    table.add_column("")
    for name in PROTOCOLS:
        table.add_column(name, overflow="fold")
    for aspect in ASPECTS:
        table.add_row(aspect, *(_aspects(p)[aspect] for p in PROTOCOLS.values()))
    offsets = (f"{p.offset_db:+.3f} dB over the true range" for p in PROTOCOLS.values())
    table.add_row("its peak adds", *offsets)
    return table


def figure_table(protocol: str, figures: Mapping[str, float]) -> Table:
    """Return one volume's figures by one protocol, an arrow telling which way is better."""
    from rich.table import Table

    table = Table("figure", "value", title=f"protocol {protocol}", title_justify="left")
    table.columns[1].justify = "right"
    for name, value in figures.items():
        table.add_row(column(name).arrow, f"{value:.{column(name).digits}f}")
    return table


def _aspects(protocol: Protocol) -> dict[str, str]:
    return {aspect: getattr(protocol, aspect) for aspect in ASPECTS}
