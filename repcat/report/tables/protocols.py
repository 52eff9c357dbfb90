"""Protocols and single figures as tables in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from repcat.scoring.protocols import Protocol

if TYPE_CHECKING:
    from rich.table import Table

ASPECTS = ("why", "window", "rounding", "psnr", "ssim", "clipping")


def as_dicts(protocols: Sequence[Protocol]) -> list[dict[str, str | float]]:
    """Return protocols as plain values: what each does and what its peak adds in dB."""
    return [{"name": p.name, "offset_db": p.offset_db, **_aspects(p)} for p in protocols]


def protocol_table(protocols: Sequence[Protocol]) -> Table:
    """Return a block of rows for each protocol, a row for each aspect."""
    from rich.table import Table

    table = Table("protocol", "", "what it does", show_header=False)
    for p in protocols:
        for aspect, text in _aspects(p).items():
            table.add_row(p.name if aspect == ASPECTS[0] else "", aspect, text)
        table.add_row("", "its peak adds", f"{p.offset_db:+.3f} dB over the true range")
        table.add_section()
    return table


def figure_table(protocol: Protocol, figures: Mapping[str, float]) -> Table:
    """Return one volume's figures by one protocol, an arrow telling which way is better."""
    from rich.table import Table

    table = Table("figure", "value", title=f"protocol {protocol.name}", title_justify="left")
    table.columns[1].justify = "right"
    for name, value in figures.items():
        column = protocol.column(name)
        table.add_row(column.arrow, f"{value:.{column.digits}f}")
    return table


def _aspects(protocol: Protocol) -> dict[str, str]:
    return {aspect: getattr(protocol, aspect) for aspect in ASPECTS}
