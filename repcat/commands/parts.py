"""`repcat parts`."""

from __future__ import annotations

from typing import Annotated, Any

from typer import Argument, Option


def parts(
    kind: Annotated[
        str | None,
        Argument(
            help="datasets, mappers, backbones, objectives, projectors, metrics or protocols; also "
            "a table of the recipe: data, augment, optim, train.",
            show_default="all",
        ),
    ] = None,
    name: Annotated[str | None, Argument(help="A part.", show_default="all")] = None,
    as_json: Annotated[bool, Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the parts a recipe can choose, with their options, defaults, units and origin."""
    from repcat.commands.console import err, out
    from repcat.config.describe import broken, inventory

    found = inventory(kind, name)
    if as_json:
        out.print_json(data={"parts": found, "broken": broken()}, default=str)
        return
    _print(found, whole=kind is not None)
    for plugin, reason in broken().items():
        err.print(f"set aside: plugin {plugin}: {reason}", style="yellow", markup=False)


def _print(found: list[dict[str, Any]], whole: bool) -> None:
    from repcat.commands.console import say

    before = None
    for part in found:
        if part["kind"] != before:
            say(("" if before is None else "\n") + part["kind"])
            before = part["kind"]
        say(f"  {part['name']:<15} {part['summary']}  [{part['origin']}]")
        for option in part["options"] if whole else []:
            default = "required" if option["required"] else f"= {option['default']!r}"
            say(f"      {option['name']} {default}    {option['doc']} ({option['type']})")
