"""`repcat coverage`: where each item of the paper is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from typer import Option


def coverage(
    as_json: Annotated[bool, Option("--json", help="Print JSON.")] = False,
    markdown: Annotated[bool, Option("--markdown", help="Print docs/coverage.md.")] = False,
    recipes: Annotated[
        Path | None, Option(help="Folder of recipes.", show_default="those that repcat brings")
    ] = None,
    runs: Annotated[Path, Option(help="Folder in which last results lie.")] = Path("runs"),
) -> None:
    """List the paper's 72 items: study, recipe or command, test, last result; what is missing."""
    from repcat.commands.console import out, say
    from repcat.studies import paper_items as covering
    from repcat.studies.paper_items import as_dicts

    folder = covering.recipes_folder(recipes)
    items = covering.read_items(folder)
    found, faults = as_dicts(items, runs), covering.faults(folder)
    counts = {s: sum(i.state == s for i in items) for s in ("there", "planned", "missing")}
    if as_json:
        out.print_json(data={"items": found, "counts": counts, "faults": faults})
        return
    if markdown:
        say(_markdown(found))
        return
    _print(found)
    told = ", ".join(f"{n} {state}" for state, n in counts.items() if n)
    shown = {scale: sum(i["shown"] == scale for i in found) for scale in ("full", "reduced", "toy")}
    scales = ", ".join(f"{n} {scale}" for scale, n in shown.items() if n) or "none yet"
    say(f"shown by results under {runs}: {scales}")
    say(f"{counts['there'] + counts['planned']} of {len(items)} mapped: {told}")
    for fault in faults:
        say(f"  ! {fault}")


def _print(found: list[dict[str, Any]]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from repcat.commands.console import out

    table = Table("", "item", "where", "last result here", "shown")
    for item in found:
        where = item["where"] or f"{item['state']}: {item['how']}"
        table.add_row(
            item["id"], *(escape(t) for t in (item["what"], where, item["last"], item["shown"]))
        )
    out.print(table)


PAGE = """\
# The paper, item by item

Every experiment of *Repeat and Concatenate* (CVPRW 2024) and where it is in repcat: P01 to P65 are
the paper's, F1 to F5 its future directions, C1 and C2 what the released code alone has. A study's
row is named `study/row`; studies are in `recipes/studies`. `repcat coverage` shows the last result
of each on your machine; this page is `repcat coverage --markdown`.

"""


def _markdown(found: list[dict[str, Any]]) -> str:
    lines = [f"{PAGE}| id | item | where | how | test |", "|---|---|---|---|---|"]
    for item in found:
        where = f"`{item['where']}`" if item["where"] else item["state"]
        test = f"`{item['test']}`" if item["test"] else ""
        cells = (item["id"], item["what"], where, item["how"], test)
        lines.append("| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |")
    return "\n".join(lines)
