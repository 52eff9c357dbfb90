"""Terminal tables of scores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from repcat.scoring.intervals import span_of
from repcat.scoring.metric_info import interval_text
from repcat.scoring.summary import MODEL

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from repcat.scoring.summary import Scores

METHOD_WIDTH, CELL_WIDTH = 20, 13


def render(scores: Scores, width: int) -> Iterator[RenderableType]:
    """Yield what to print of a table on a screen of `width`: header, rows, the model's lead."""
    from rich.text import Text

    yield Text(str(scores.header), style="bold")
    yield summary(scores, width)
    for method, lead in scores.differences().items():
        mean, _, span = lead.lead(2).partition(" ")
        what = f"model minus {method}, body PSNR: "
        yield Text.assemble(what, (f"{mean} dB", "bold"), f" {span}{lead.verdict}")


def summary(scores: Scores, width: int) -> Table:
    """Return mean, deviation and 95 % interval, a row for each method; as many columns as fit."""
    from rich.table import Table

    shown, left_out = _fitting(scores, width)
    more = f"; {left_out} more column{'s' * (left_out != 1)} in the CSV" if left_out else ""
    table = Table(
        caption="mean ± deviation between patients, below it "
        f"{span_of(scores.header.patients)}{more}",
        caption_justify="left",
    )
    table.add_column("method", max_width=METHOD_WIDTH)
    for name in shown:
        table.add_column(scores.column(name).arrow, justify="right", min_width=CELL_WIDTH)
    for method in scores.methods:
        cells = [interval_text(scores.summary(method, c), scores.column(c)) for c in shown]
        table.add_row(method, *cells, style="bold" if method == MODEL else "")
    return table


def _fitting(scores: Scores, width: int) -> tuple[list[str], int]:
    """Return the figures that fit, most telling first, and how many the CSV holds beyond them."""
    known = scores.by.shown if scores.by else ()
    extra = [c for c in scores.columns if scores.column(c).better == "?"]
    wanted = [c for c in known if c in scores.columns] + extra or scores.columns
    room = max(1, (width - METHOD_WIDTH - 4) // (CELL_WIDTH + 3))
    return wanted[:room], len(scores.columns) - len(wanted[:room])
