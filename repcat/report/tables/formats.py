"""Formats of a comparison: terminal, Markdown, LaTeX, HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from repcat.report.html.template import render
from repcat.report.tables.comparison import BEST, SECOND, Text, caption, grid, headings
from repcat.report.tables.csv_json import csv_text, json_text
from repcat.studies.ranking import Comparison

if TYPE_CHECKING:
    from rich.console import RenderableType

FORMATS = ("console", "md", "latex", "csv", "json", "html")


def written(tables: Sequence[Comparison], form: str) -> str:
    """Write tables in any format but `console`."""
    if form in ("csv", "json"):
        return {"csv": csv_text, "json": json_text}[form](tables)
    write = {"md": markdown, "latex": latex, "html": html_table}[form]
    return "\n".join(write(table) for table in tables)


def markdown(table: Comparison) -> str:
    """Write a pipe table; best bold, second underlined."""
    marks = {BEST: "**{}**", SECOND: "<u>{}</u>"}
    heads = headings(table)
    lines = [f"**{table.title}**", "", _pipe(heads), _pipe(["---"] + ["---:"] * (len(heads) - 1))]
    lines += [_pipe([_marked(t, marks, _escape_pipe) for t in row]) for row in grid(table)]
    return "\n".join([*lines, "", caption(table)]) + "\n"


def latex(table: Comparison) -> str:
    """Write a booktabs table; best bold, second underlined."""
    marks = {BEST: r"\textbf{{{}}}", SECOND: r"\underline{{{}}}"}
    heads = headings(table)
    cells = [[_escape_latex(h) for h in heads]]
    cells += [[_marked(t, marks, _escape_latex) for t in row] for row in grid(table)]
    head, *body = (" & ".join(row) + r" \\" for row in cells)
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{_escape_latex(f'{table.title}: {caption(table)}')}}}",
        rf"\begin{{tabular}}{{l{'r' * (len(heads) - 1)}}}",
        *(r"\toprule", head, r"\midrule", *body, r"\bottomrule"),
        *(r"\end{tabular}", r"\end{table}", ""),
    ]
    return "\n".join(lines)


def html_table(table: Comparison) -> Markup:
    """Write a table element; best bold, second underlined; headings say what they are of."""
    said = f"{table.title}: {caption(table)}"
    return render("comparison", said=said, heads=headings(table), rows=list(grid(table)))


def console(table: Comparison, width: int) -> list[RenderableType]:
    """Return what to print on a screen of `width`; published figures apart where it is narrow."""
    heads, rows = headings(table), list(grid(table))
    split = len(heads) - len(table.published)
    wide = 24 + 11 * (split - 1) + 9 * (len(heads) - split)
    said = caption(table)
    if width >= wide or len(heads) == split:
        return [_rich(table.title, heads, rows, said)]
    said_of = [row for row, line in zip(rows, table.lines, strict=True) if line.published]
    paper = [row[:1] + row[split:] for row in said_of]
    return [
        _rich(table.title, heads[:split], [r[:split] for r in rows], said),
        _rich(f"{table.title}, as published", heads[:1] + heads[split:], paper, ""),
    ]


def _rich(title: str, heads: Sequence[str], rows: Sequence[Sequence[Text]], said: str) -> Any:  # noqa: ANN401
    from rich import box
    from rich.table import Table
    from rich.text import Text as Rich

    style = {BEST: "bold", SECOND: "underline"}
    table = Table(
        title=title,
        title_justify="left",
        caption=said or None,
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for number, head in enumerate(heads):
        table.add_column(head, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Rich(_stacked(t.text), style.get(t.place, "")) for t in row))
    return table


def _stacked(text: str) -> str:
    """Put a deviation or an interval on a line of its own."""
    return text.replace(" ± ", "\n±").replace(" [", "\n[")


def _marked(text: Text, marks: dict[int, str], escape: Callable[[str], str]) -> str:
    return marks.get(text.place, "{}").format(escape(text.text))


def _pipe(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escape_pipe(text: str) -> str:
    return text.replace("|", r"\|")


def _escape_latex(text: str) -> str:
    signs = {"↑": r"$\uparrow$", "↓": r"$\downarrow$", "±": r"$\pm$", "⊕": r"$\oplus$"}
    signs |= {c: rf"\{c}" for c in "&%$#_{}"} | {"\\": r"\textbackslash{}"}
    return re.sub("|".join(re.escape(s) for s in signs), lambda found: signs[found.group()], text)
