"""Comparison as headings and cells of text, which every format shares."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from repcat.scoring.intervals import FEWEST, span_of
from repcat.scoring.metric_info import Column
from repcat.studies.ranking import Cell, Comparison, Measured

BEST, SECOND = 1, 2


@dataclass(frozen=True, slots=True)
class Text:
    """What stands in a cell, and the place it takes: 1 best, 2 second, 0 neither."""

    text: str
    place: int = 0


def headings(table: Comparison) -> list[str]:
    """Return the headings: row, own figures, interval to the best, updates, published figures."""
    own = [m.arrow for m in table.metrics]
    paper = [f"paper {m.arrow}" for m in table.published]
    return ["row", *own, *lead_heading(table), *budget_heading(table), *paper]


def grid(table: Comparison) -> Iterator[list[Text]]:
    """Yield the rows under `headings`, best and second marked in each figure."""
    for line in table.lines:
        own = [_own(line.cells.get(m.name), m) for m in table.metrics]
        lead = [Text(_lead(line, table.metrics[0]))] if lead_heading(table) else []
        paper = [_paper(table, line, m) for m in table.published]
        updates = f"{line.budget.updates:,}" if line.budget else ""
        cost = [Text(updates) for _ in budget_heading(table)]
        yield [Text(line.name), *own, *lead, *cost, *paper]


def caption(table: Comparison) -> str:
    """Say by which protocol, on what and over what."""
    told = [f"protocol {table.protocol}, dataset {table.dataset}, {table.patients} patients"]
    over = "patients" if table.over == "patients" else "seeds, of baselines over patients"
    told.append(f"mean ± deviation over {over}; best and second of the trained rows marked")
    if lead_heading(table):
        told.append(f"difference to the best: {_span(table)}")
    if len(table.budgets) == 1:
        cost = table.budgets[0]
        told.append(f"{cost.updates:,} updates of each row, {cost.samples:,} patients drawn")
    elif table.budgets:
        told.append("rows were not trained equally long: see their updates")
    return "; ".join([*told, *table.notes])


def _span(table: Comparison) -> str:
    if table.over == "seeds":
        return "95 % interval over patients and seeds (Welch)"
    few = table.patients < FEWEST
    return span_of(table.patients) if few else "95 % paired bootstrap over patients"


def lead_heading(table: Comparison) -> list[str]:
    """Return the heading of the differences to the best; nothing where there are none."""
    first = table.metrics[:1]
    cells = [line.cells[m.name] for m in first for line in table.lines if m.name in line.cells]
    return [f"{m.heading} to best" for m in first if any(cell.lead for cell in cells)]


def budget_heading(table: Comparison) -> list[str]:
    """Return the heading of the updates; nothing where all rows were trained equally long."""
    return ["updates"] if len({cost.updates for cost in table.budgets}) > 1 else []


def _own(cell: Cell | None, column: Column) -> Text:
    if cell is None:
        return Text("-")
    d = column.digits
    if not math.isfinite(cell.mean):
        return Text("no error" if column.better == "up" else "beyond scale", cell.place)
    spread = f" ± {cell.sd:.{d}f}" if math.isfinite(cell.sd) else ""
    return Text(f"{cell.mean:.{d}f}{spread}", cell.place)


def _lead(line: Measured, column: Column) -> str:
    cell = line.cells.get(column.name)
    if cell is None or cell.lead is None or not math.isfinite(cell.lead.mean):
        return ""
    return cell.lead.lead(column.digits)


def _paper(table: Comparison, line: Measured, column: Column) -> Text:
    """Write a published figure as it was printed, ranked among the published ones."""
    figure, better = column.name, column.better
    if figure not in line.published:
        return Text("-")
    value = line.published[figure]
    known = sorted({x.published[figure] for x in table.lines if figure in x.published})
    order = known[::-1] if better == "up" else known
    place = order.index(value) + 1 if len(order) > 1 and better != "?" else 0
    return Text(f"{value:g}", place if place <= SECOND else 0)
